import { describe, expect, test } from '@jest/globals';
import { parsePolicy } from '../shared/policy.ts';

describe('policy', () => {
  test.each(['', '  \n', '{}'])('of %j is the default, which is a safe one', (text) => {
    expect(parsePolicy(text)).toEqual({
      mode: 'enforce',
      optIn: { key: 'selfheal', value: 'on' },
      budget: { actions: 6, window: 21_600 },
      lease: { seconds: 2700, patience: 1800 },
      verify: { apart: 30 },
      classification: expect.anything(),
      scaleOut: { share: 0.1 },
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
    ['{"modes": "off"}', /^policy: \(root\): .*modes/],
    ['{"optIn": {"key": "", "value": "on"}}', /^policy: optIn\.key: /],
    ['{"optIn": {"key": "heal"}}', /^policy: optIn\.value: /],
    ['{"budget": {"actions": 0, "window": 3600}}', /^policy: budget\.actions: /],
    ['{"budget": {"actions": 1.5, "window": 3600}}', /^policy: budget\.actions: /],
    ['{"budget": {"actions": 6, "window": 59}}', /^policy: budget\.window: /],
    ['{"budget": {"actions": 6, "window": 3600, "burst": 2}}', /^policy: budget: .*burst/],
    ['{"lease": {"seconds": 59, "patience": 0}}', /^policy: lease\.seconds: /],
    ['{"lease": {"seconds": 60, "patience": -1}}', /^policy: lease\.patience: /],
    ['{"verify": {"apart": 0}}', /^policy: verify\.apart: /],
    ['{"scaleOut": {"share": 1.1}}', /^policy: scaleOut\.share: /],
    ['{"calm": {"fromHour": 24, "toHour": 24}}', /^policy: calm\.fromHour: /],
    ['{"calm": {"fromHour": 5, "toHour": 2}}', /^policy: calm: fromHour must be before toHour/],
    ['{"classification": {"nonsense": 1}}', /^policy: classification: .*nonsense/],
  ])('refuses %s, naming the place and the reason', (text, message) => {
    expect(() => parsePolicy(text)).toThrow(message);
  });

  test('names every mistake, not only the first', () => {
    expect(() => parsePolicy('{"mode": "on", "verify": {"apart": 0}}')).toThrow(/policy: mode: .*; policy: verify\.apart: /);
  });
});
