import { describe, expect, test } from '@jest/globals';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { killSwitch } from '../../shared/guards/kill-switch.ts';
import { sdkError } from '../aws/recorder.ts';
import { instanceId, noon } from '../remediation/examples.ts';
import { guardInput } from './examples.ts';

const standing = (position: string) => guardInput({ killSwitch: { read: async () => position as never } });

describe('kill-switch', () => {
  test.each([
    ['on', { answer: 'pass' }],
    ['dry-run', { answer: 'pass', dryRunOnly: 'the kill switch is set to dry-run' }],
    ['off', { answer: 'hold', reason: `the kill switch is set to off; selfheal would have rebooted instance ${instanceId}` }],
  ])('that is %s', async (position, expected) => {
    expect(await killSwitch.check(standing(position))).toEqual(expected);
  });

  test('is read as of now', async () => {
    const asked: number[] = [];
    const read = async (now: number) => {
      asked.push(now);
      return 'on' as const;
    };
    await killSwitch.check(guardInput({ killSwitch: { read } }));
    expect(asked).toEqual([noon]);
  });

  test.each([
    ['is missing', sdkError('ParameterNotFound', 400), false],
    ['may not be read', sdkError('AccessDeniedException', 400), false],
    ['takes too long to read', sdkError('TimeoutError'), true],
    ['is throttled', sdkError('ThrottlingException', 400), true],
    ['holds something else', new Error('parameter /x must be one of on, dry-run, off'), true],
  ])('is a hold where the parameter %s', async (_, error, passing) => {
    const input = guardInput({ killSwitch: { read: () => Promise.reject(error) } });
    expect(await evaluateGuards([killSwitch], input)).toMatchObject({ answer: 'hold', passing });
  });
});
