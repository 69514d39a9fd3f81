import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { modes, parsePolicy, policySchema, restrictTo, stricter } from '../shared/policy.ts';

describe('policy', () => {
  test.each(['', '  \n', '{}'])('of %j is the default, which is a safe one', (text) => {
    expect(parsePolicy(text)).toEqual({
      mode: 'enforce',
      modes: [],
      optIn: { key: 'selfheal', value: 'on' },
      playbooks: {},
      budget: { actions: 6, window: 21_600 },
      flapping: { times: 3, window: 86_400 },
      lease: { seconds: 1200, patience: 1800 },
      blastRadius: { share: 0.1 },
      massFailure: { account: 10, zone: 10, groupShare: 0.5, window: 300 },
      healers: { autoRecovery: 300, zone: 3600, person: 1800 },
      approval: { timeout: 14_400, required: [] },
      calendars: [],
      verify: { apart: 30 },
      classification: expect.anything(),
      scaleOut: { share: 0.1 },
      routes: [],
      calm: { fromHour: 2, toHour: 5 },
    });
  });

  test('keeps the defaults of what it leaves out', () => {
    const { mode, budget, verify } = parsePolicy('{"mode": "dry-run", "verify": {"apart": 60}}');
    expect({ mode, budget, verify }).toEqual({ mode: 'dry-run', budget: { actions: 6, window: 21_600 }, verify: { apart: 60 } });
  });

  test.each([
    ['{', /^policy: not JSON/],
    ['[]', /^policy: \(root\): /],
    ['null', /^policy: \(root\): /],
    ['{"mode": "on"}', /^policy: mode: .*off.*dry-run.*enforce/],
    ['{"moods": "off"}', /^policy: \(root\): .*moods/],
    ['{"optIn": {"key": "", "value": "on"}}', /^policy: optIn\.key: /],
    ['{"optIn": {"key": "heal"}}', /^policy: optIn\.value: /],
    ['{"budget": {"actions": 0, "window": 3600}}', /^policy: budget\.actions: /],
    ['{"budget": {"actions": 1.5, "window": 3600}}', /^policy: budget\.actions: /],
    ['{"budget": {"actions": 6, "window": 59}}', /^policy: budget\.window: /],
    ['{"budget": {"actions": 6, "window": 3600, "burst": 2}}', /^policy: budget: .*burst/],
    ['{"lease": {"seconds": 299, "patience": 0}}', /^policy: lease\.seconds: /],
    ['{"lease": {"seconds": 300, "patience": -1}}', /^policy: lease\.patience: /],
    ['{"verify": {"apart": 0}}', /^policy: verify\.apart: /],
    ['{"scaleOut": {"share": 1.1}}', /^policy: scaleOut\.share: /],
    ['{"calm": {"fromHour": 24, "toHour": 24}}', /^policy: calm\.fromHour: /],
    ['{"calm": {"fromHour": 5, "toHour": 2}}', /^policy: calm: fromHour must be before toHour/],
    ['{"modes": [{"when": {}, "mode": "off"}]}', /^policy: modes\.0\.when: must name/],
    ['{"modes": [{"when": {"account": "12"}, "mode": "off"}]}', /^policy: modes\.0\.when\.account: must be 12 digits/],
    ['{"modes": [{"when": {"region": "Oregon"}, "mode": "off"}]}', /^policy: modes\.0\.when\.region: must be a region code/],
    ['{"modes": [{"when": {"failure": "bad-luck"}, "mode": "off"}]}', /^policy: modes\.0\.when\.failure: /],
    ['{"modes": [{"when": {"failure": "host-impaired"}}]}', /^policy: modes\.0\.mode: /],
    ['{"playbooks": {"bad-luck": "none"}}', /^policy: playbooks\.?(bad-luck)?: /],
    ['{"playbooks": {"host-impaired": "pray"}}', /^policy: playbooks\.host-impaired: /],
    ['{"flapping": {"times": 0, "window": 3600}}', /^policy: flapping\.times: /],
    ['{"blastRadius": {"share": 0.6}}', /^policy: blastRadius\.share: /],
    ['{"massFailure": {"account": 1}}', /^policy: massFailure\.account: /],
    ['{"healers": {"person": -1}}', /^policy: healers\.person: /],
    ['{"approval": {"required": [{}]}}', /^policy: approval\.required\.0: must name/],
    ['{"calendars": [""]}', /^policy: calendars\.0: /],
    [
      '{"routes": [{"when": {"outcome": "well"}, "topicArn": "arn:aws:sns:us-east-1:123456789012:ops"}]}',
      /^policy: routes\.0\.when\.outcome: /,
    ],
    ['{"routes": [{"when": {"outcome": "held"}, "topicArn": "ops"}]}', /^policy: routes\.0\.topicArn: must be the ARN/],
    ['{"classification": {"nonsense": 1}}', /^policy: classification: .*nonsense/],
  ])('refuses %s, naming the place and the reason', (text, message) => {
    expect(() => parsePolicy(text)).toThrow(message);
  });

  test('names every mistake, not only the first', () => {
    expect(() => parsePolicy('{"mode": "on", "verify": {"apart": 0}}')).toThrow(/policy: mode: .*; policy: verify\.apart: /);
  });
});

describe('a ceiling', () => {
  const mode = fc.constantFrom(...modes);
  test('leaves no mode in the policy that is looser', () => {
    fc.assert(
      fc.property(mode, fc.array(mode, { maxLength: 4 }), mode, (own, others, ceiling) => {
        const given = policySchema.parse({
          mode: own,
          modes: others.map((other) => ({ when: { failure: 'host-impaired' }, mode: other })),
        });
        const restricted = restrictTo(given, ceiling);
        for (const said of [restricted.mode, ...restricted.modes.map((override) => override.mode)])
          expect(stricter(said, ceiling)).toBe(said);
        expect(restrictTo(given, 'enforce')).toEqual(given);
      }),
    );
  });

  test.each([
    ['off', 'enforce', 'off'],
    ['dry-run', 'off', 'off'],
    ['dry-run', 'enforce', 'dry-run'],
    ['enforce', 'enforce', 'enforce'],
  ] as const)('of %s and %s, %s is the stricter', (a, b, expected) => {
    expect(stricter(a, b)).toBe(expected);
    expect(stricter(b, a)).toBe(expected);
  });
});
