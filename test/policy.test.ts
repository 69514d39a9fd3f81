import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { modes, policySchema, restrictTo, stricter } from '../shared/model/policy.ts';
import { parsePolicy, readPolicy } from '../shared/policy/read-policy.ts';

describe('policy', () => {
  test.each(['', '  \n', '{}'])('of %j is the default, which is a safe one', (text) => {
    expect(parsePolicy(text)).toEqual({
      mode: 'enforce',
      modes: [],
      organization: { units: {} },
      scope: { monitoring: [], health: [] },
      beats: [],
      channels: { opsCenter: 'off', webhooks: [] },
      optIn: { key: 'selfheal', value: 'on' },
      playbooks: {},
      budget: { actions: 6, window: 21_600, group: { window: '6h' } },
      flapping: { times: 3, window: 86_400 },
      lease: { seconds: 1200, patience: 1800 },
      blastRadius: { share: 0.1 },
      massFailure: { account: 10, zone: 10, share: 0.01, groupShare: 0.5, window: 300 },
      healers: { autoRecovery: 300, zone: 3600, person: 1800 },
      approval: { timeout: 14_400, required: [] },
      calendars: [],
      verify: { apart: 30 },
      classification: expect.anything(),
      commands: {},
      run: [],
      customPlaybooks: [],
      logs: [],
      databases: { reboot: 'off', approval: 'required', promote: 'off', failover: 'off' },
      lambda: {},
      certificates: { zones: [] },
      consumers: { queues: {}, tags: 'off' },
      ecs: { hosts: 'off', rollback: 'off', scale: 'off', restart: 'off', within: '1h' },
      scaleOut: { share: 0.1 },
      episodes: { quiet: '30m' },
      kmsKeys: [],
      owners: { karpenter: 'leave', eks: 'leave', ecs: 'leave', fleet: 'leave', other: 'leave' },
      protect: { publicAddress: 'auto' },
      routes: [],
      runbooks: { hosts: [], rules: [] },
      calm: { fromHour: 2, toHour: 5, timeZone: 'UTC' },
    });
  });

  test('keeps the defaults of what it leaves out', () => {
    const { mode, budget, verify } = parsePolicy('{"mode": "dry-run", "verify": {"apart": 60}}');
    expect({ mode, budget, verify }).toEqual({
      mode: 'dry-run',
      budget: { actions: 6, window: 21_600, group: { window: '6h' } },
      verify: { apart: 60 },
    });
  });

  test.each([
    ['budget', { actions: 3 }, { actions: 3, window: 21_600 }],
    ['budget', { window: 60 }, { actions: 6, window: 60 }],
    ['flapping', { times: 2 }, { times: 2, window: 86_400 }],
    ['lease', { patience: 60 }, { seconds: 1200, patience: 60 }],
    ['calm', { toHour: 4 }, { fromHour: 2, toHour: 4, timeZone: 'UTC' }],
    ['calm', { fromHour: 22, toHour: 4, timeZone: 'Europe/Berlin' }, { fromHour: 22, toHour: 4, timeZone: 'Europe/Berlin' }],
    ['optIn', { value: 'yes' }, { key: 'selfheal', value: 'yes' }],
    ['optIn', { key: 'heal' }, { key: 'heal', value: 'on' }],
    ['massFailure', { zone: 5 }, { account: 10, zone: 5, share: 0.01, groupShare: 0.5, window: 300 }],
    ['healers', { person: 0 }, { autoRecovery: 300, zone: 3600, person: 0 }],
    ['approval', { timeout: 60 }, { timeout: 60, required: [] }],
    ['verify', {}, { apart: 30 }],
    ['blastRadius', {}, { share: 0.1 }],
    ['scaleOut', {}, { share: 0.1 }],
    ['classification', { spotRebalance: 'replace-ahead' }, { alarms: [], spotRebalance: 'replace-ahead' }],
  ])('keeps the defaults of what %s %j leaves out', (key, given, expected) => {
    expect(parsePolicy(JSON.stringify({ [key]: given }))).toMatchObject({ [key]: expected });
    // Of every setting: without anything in it, it is what the default policy has.
    expect(parsePolicy(JSON.stringify({ [key]: {} }))).toEqual(parsePolicy(''));
  });

  test.each([
    ['{', /^policy: not JSON/],
    ['[]', /^policy: \(root\): /],
    ['null', /^policy: \(root\): /],
    ['{"mode": "on"}', /^policy: mode: .*off.*dry-run.*enforce/],
    ['{"moods": "off"}', /^policy: \(root\): .*moods/],
    ['{"optIn": {"key": "", "value": "on"}}', /^policy: optIn\.key: /],
    ['{"budget": {"actions": 0, "window": 3600}}', /^policy: budget\.actions: /],
    ['{"budget": {"actions": 1.5, "window": 3600}}', /^policy: budget\.actions: /],
    ['{"budget": {"actions": 6, "window": 59}}', /^policy: budget\.window: /],
    ['{"budget": {"actions": 6, "window": 3600, "burst": 2}}', /^policy: budget: .*burst/],
    ['{"lease": {"seconds": 299, "patience": 0}}', /^policy: lease\.seconds: /],
    ['{"lease": {"seconds": 300, "patience": -1}}', /^policy: lease\.patience: /],
    ['{"verify": {"apart": 0}}', /^policy: verify\.apart: /],
    ['{"scaleOut": {"share": 1.1}}', /^policy: scaleOut\.share: /],
    ['{"calm": {"fromHour": 24, "toHour": 24}}', /^policy: calm\.fromHour: /],
    ['{"calm": {"fromHour": 5, "toHour": 5}}', /^policy: calm: fromHour and toHour must differ/],
    ['{"calm": {"timeZone": "Europe/Berlon"}}', /^policy: calm\.timeZone: must be a time zone such as .*did you mean Europe\/Berlin\?/],
    ['{"calm": {"timeZone": "+02:00"}}', /^policy: calm\.timeZone: must be a time zone/],
    ['{"calm": {"timeZone": ""}}', /^policy: calm\.timeZone: must be a time zone/],
    ['{"calm": {"timeZone": 2}}', /^policy: calm\.timeZone: /],
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
    ['{"optIn": {"key": "Selfheal:mode"}}', /^policy: optIn\.key: must not begin with selfheal:/],
    ['{"calendars": ["ab"]}', /^policy: calendars\.0: must be the name of a change calendar/],
    ['{"calendars": ["release freeze"]}', /^policy: calendars\.0: /],
    ['{"calendars": ["arn:aws:ssm:us-east-1:12:document/releases"]}', /^policy: calendars\.0: /],
  ])('refuses %s, naming the place and the reason', (text, message) => {
    expect(() => parsePolicy(text)).toThrow(message);
  });

  test('reads the same again from its own JSON: offline modes hand it to the handlers as a deployment does, in their environment', () => {
    const text = JSON.stringify({
      mode: 'dry-run',
      modes: [{ when: { tag: { key: 'team' } }, mode: 'off' }],
      playbooks: { 'load-saturated': 'none' },
      approval: { required: [{ action: 'reboot-instance' }] },
      classification: { spotRebalance: 'replace-ahead' },
      routes: [{ when: { severity: 'low' }, topicArn: 'arn:aws:sns:us-east-1:111122223333:selfheal-dev-route-low' }],
    });
    for (const policy of [parsePolicy(''), parsePolicy(text)]) expect(parsePolicy(JSON.stringify(policy))).toEqual(policy);
  });

  test('names every mistake, not only the first', () => {
    expect(() => parsePolicy('{"mode": "on", "verify": {"apart": 0}}')).toThrow(/policy: mode: .*; policy: verify\.apart: /);
  });
});

describe('a name that does not exist', () => {
  const required = (rule: object) => ({ approval: { required: [rule] } });
  test.each<[object, RegExp]>([
    // Taken, it would never match, and the instance would be stopped without a question.
    [
      required({ action: 'stop-start' }),
      /^policy: approval\.required\.0\.action: "stop-start" must be .*; did you mean stop-start-instance\?$/,
    ],
    [required({ failure: 'host-impared' }), /failure: "host-impared" must be .*; did you mean host-impaired\?$/],
    [required({ aktion: 'scale-out' }), /^policy: approval\.required\.0: there is no setting "aktion"; did you mean action\?/],
    [{ mode: 'enforced' }, /^policy: mode: "enforced" must be one of off, dry-run, enforce; did you mean enforce\?$/],
    [{ budgets: {} }, /^policy: \(root\): there is no setting "budgets"; did you mean budget\?$/],
    [{ budget: { action: 3 } }, /^policy: budget: there is no setting "action"; did you mean actions\?$/],
    [{ lease: { patients: 60 } }, /^policy: lease: .*did you mean patience\?$/],
    [{ modes: [{ when: { acount: '123456789012' }, mode: 'off' }] }, /^policy: modes\.0\.when: .*did you mean account\?/],
    [{ modes: [{ when: { tag: { key: 'a', valu: 'b' } }, mode: 'off' }] }, /^policy: modes\.0\.when\.tag: .*did you mean value\?/],
    [{ playbooks: { 'disk-ful': 'none' } }, /^policy: playbooks: "disk-ful" must be .*; did you mean disk-full\?$/],
    [{ playbooks: { 'host-impaired': 'restart' } }, /^policy: playbooks\.host-impaired: .*; did you mean restart-instance\?$/],
    [{ routes: [{ when: { outcome: 'escalate' }, topicArn: 'x' }] }, /when\.outcome: .*; did you mean escalated\?/],
    [{ classification: { alarm: [] } }, /^policy: classification: .*did you mean alarms\?$/],
    [
      { classification: { alarms: [{ alarm: 'a', failure: 'disk-full', direction: 'above', subject: { type: 'instance', ids: 'i-1' } }] } },
      /classification\.alarms\.0\.subject: there is no setting "ids"; did you mean id\?$/,
    ],
    [
      { classification: { alarms: [{ alarm: 'a', failure: 'disk-full', direction: 'above', subject: { type: 'instanc', id: 'i-1' } }] } },
      /^policy: classification\.alarms\.0\.subject\.type: "instanc" must be .*; did you mean instance\?$/,
    ],
    [JSON.parse('{"__proto__": {"mode": "off"}}'), /^policy: \(root\): there is no setting "__proto__"$/],
    [{ constructor: 1 }, /there is no setting "constructor"/],
  ])('is refused in %j, with the nearest one', (given, message) => {
    expect(() => parsePolicy(JSON.stringify(given))).toThrow(message);
  });

  test('is cut short in what is said of it', () => {
    expect(() => parsePolicy(JSON.stringify({ ['x'.repeat(3000)]: 1, mode: 'y'.repeat(3000) }))).toThrow(/^.{1,400}$/);
  });
});

describe('a policy that a running function meets', () => {
  test('is the policy, where it can be used', () => {
    expect(readPolicy('{"mode": "dry-run"}')).toEqual(parsePolicy('{"mode": "dry-run"}'));
    expect(readPolicy('')).toEqual(parsePolicy(''));
  });

  test.each([
    '{',
    'null',
    '[]',
    '7',
    '{"mode": "on"}',
    '{"approval": {"required": [{"action": "stop-start"}]}}',
    '{"modes": [{"when": {"failure": "host-impaired"}, "mode": "enforce"}], "budgt": {}}',
  ])('allows nothing and says why, where it is %s', (text) => {
    const { mode, modes: others, problem } = readPolicy(text);
    expect({ mode, others }).toEqual({ mode: 'off', others: [] });
    expect(problem).toMatch(/^the policy can't be used, so selfheal takes no action: policy: /);
    // No ceiling makes it looser, or forgets why.
    expect(restrictTo(readPolicy(text), 'enforce')).toMatchObject({ mode: 'off', problem });
  });

  test('still says what has opted in, what alarms mean and whom to tell, as far as that can be used', () => {
    const topicArn = 'arn:aws:sns:us-east-1:123456789012:selfheal-prod-route-low';
    const parts = {
      optIn: { key: 'heal', value: 'yes' },
      classification: { spotRebalance: 'replace-ahead' },
      routes: [{ when: { severity: 'low' }, topicArn }],
      organization: { units: { shop: ['111122223333'] } },
      logs: [
        { group: '/shop/web', pattern: 'ERROR', failure: 'application-down', subject: { type: 'instance', id: 'i-0aa11bb22cc33dd44' } },
      ],
      beats: [{ name: 'export', every: '24h', grace: '1h' }],
      runbooks: { 'disk-full': 'https://wiki.example.com/disk-full' },
    };
    const broken = { ...parts, budgt: {}, budget: { actions: 100 }, playbooks: { 'host-impaired': 'restart-instance' } };
    const { problem, ...rest } = readPolicy(JSON.stringify(broken));
    expect(rest).toEqual(policySchema.parse({ ...parts, mode: 'off' }));
    expect(readPolicy(JSON.stringify({ ...broken, routes: [7], optIn: { key: '' } }))).toMatchObject({
      routes: [],
      optIn: { key: 'selfheal', value: 'on' },
      classification: parts.classification,
    });
  });

  test('has a reason of a bounded length', () => {
    const text = JSON.stringify(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`wrong-${i}`, 1])));
    expect(readPolicy(text).problem?.length).toBeLessThan(600);
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
