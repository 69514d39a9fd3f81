import { describe, expect, test } from '@jest/globals';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { zone } from '../../shared/guards/zone.ts';
import { sdkError } from '../aws/recorder.ts';
import { facts, groupFacts, groupName, instance } from '../remediation/examples.ts';
import { guardInput } from './examples.ts';

const knowing = (...impaired: string[]) => ({ correlatedFailures: async () => ({ failing: [], full: false, impaired }) });

describe('zone', () => {
  test.each([
    ['nothing is impaired', []],
    ['another zone is', ['us-east-1b', 'use1-az2']],
    ['another region is', ['eu-west-1']],
  ])('passes where %s', async (_, impaired) => {
    expect(await zone.check(guardInput(knowing(...impaired)))).toEqual({ answer: 'pass' });
  });

  test.each(['us-east-1a', 'use1-az1', 'us-east-1'])('holds for now where AWS has reported that %s is impaired', async (place) => {
    expect(await zone.check(guardInput(knowing('us-east-1b', place)))).toEqual({
      answer: 'hold',
      passing: true,
      reason: `AWS has reported that ${place} is impaired`,
    });
  });

  test('takes an unknown zone for no zone', async () => {
    const seen = facts({ instance: instance({ availabilityZone: 'unknown', zoneId: null }) });
    expect(await zone.check(guardInput({ ...knowing('use1-az1'), facts: seen }))).toEqual({ answer: 'pass' });
  });

  test('has nothing to say about a group as a whole', async () => {
    const input = guardInput({ action: scaleOut, target: { type: 'group', id: groupName }, facts: groupFacts() });
    expect(await zone.check(input)).toEqual({ answer: 'pass' });
  });

  test.each([
    ['denied', sdkError('AccessDeniedException', 400), false],
    ['timed out', sdkError('TimeoutError'), true],
  ])('is a hold where its look-up is %s', async (_, error, passing) => {
    const input = guardInput({ correlatedFailures: () => Promise.reject(error) });
    expect(await evaluateGuards([zone], input)).toMatchObject({ answer: 'hold', passing });
  });
});
