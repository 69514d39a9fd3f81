import { describe, expect, test } from '@jest/globals';
import { mode } from '../../shared/guards/mode.ts';
import { instanceId } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

describe('mode', () => {
  test.each([
    ['enforce', { answer: 'pass' }],
    ['dry-run', { answer: 'pass', dryRunOnly: 'the mode in the policy is dry-run' }],
    ['off', { answer: 'hold', reason: `the policy switches action off; selfheal would have rebooted instance ${instanceId}` }],
  ])('%s', (given, expected) => {
    expect(mode.check(guardInput({ policy: effective({ mode: given }) }))).toEqual(expected);
  });
});
