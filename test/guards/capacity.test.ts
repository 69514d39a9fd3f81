import { describe, expect, test } from '@jest/globals';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { capacity, capacityPermissions } from '../../shared/guards/capacity.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { type Answer, sdkError } from '../aws/recorder.ts';
import { groupFacts, groupName, memberFacts, noon } from '../remediation/examples.ts';
import { lookingUp } from './look-up.ts';

const second = 1000;
const call = 'autoscaling:DescribeScalingActivities';
const growing = (answer: Answer) =>
  lookingUp(
    { [call]: answer },
    { action: scaleOut, target: { type: 'group', id: groupName }, facts: groupFacts({ cooldownSeconds: 300 }) },
  );
const activities = (...list: object[]): Answer => ({ output: { Activities: list } });
const launch = { Description: 'Launching a new EC2 instance: i-0ffffffffffffffff' };
const ended = (ago: number) => ({ ...launch, StatusCode: 'Successful', EndTime: new Date(noon - ago * second) });

describe('capacity', () => {
  test.each([
    ['nothing has ever happened', activities()],
    ['the last launch has cooled down', activities(ended(300))],
    ['the last launch failed', activities({ ...launch, StatusCode: 'Failed', EndTime: new Date(noon) })],
    ['the last launch was cancelled', activities({ ...launch, StatusCode: 'Cancelled', EndTime: new Date(noon) })],
    ['it has just got rid of a member', activities({ ...ended(0), Description: 'Terminating EC2 instance: i-0ffffffffffffffff' })],
  ])('passes where %s', async (_, answer) => {
    expect(await capacity.check(growing(answer).input)).toEqual({ answer: 'pass' });
  });

  test.each(['PendingSpotBidPlacement', 'PreInService', 'InProgress', 'WaitingForELBConnectionDraining', 'SomethingNew'])(
    'holds for now while an activity is %s',
    async (StatusCode) => {
      const answer = await capacity.check(growing(activities({ ...launch, StatusCode }, ended(4000))).input);
      expect(answer).toMatchObject({
        answer: 'hold',
        passing: true,
        reason: expect.stringContaining('has an activity in progress: Launching'),
      });
    },
  );

  test('holds for now while the group cools down', async () => {
    expect(await capacity.check(growing(activities(ended(400), ended(299))).input)).toEqual({
      answer: 'hold',
      passing: true,
      reason: `group ${groupName} has just scaled out, and is in cool-down for 1 s`,
    });
    expect(await capacity.check(growing(activities(ended(60))).input)).toMatchObject({
      reason: `group ${groupName} has just scaled out, and is in cool-down for 4 min 00 s`,
    });
  });

  test.each([
    ['newest', activities({ ...launch, StatusCode: 'InProgress' }, ended(4000), ended(5000))],
    ['second newest', activities(ended(4000), { ...launch, StatusCode: 'InProgress' }, ended(5000))],
    ['tenth newest', activities(...Array.from({ length: 9 }, () => ended(4000)), { ...launch, StatusCode: 'InProgress' })],
  ])('holds for now where its %s activity is under way', async (_, answer) => {
    const grown = growing(answer);
    expect(await capacity.check(grown.input)).toMatchObject({ answer: 'hold', passing: true });
    // Several begin in one breath, and the newest may be over first.
    expect(grown.calls[0]?.input.MaxRecords).toBeGreaterThanOrEqual(20);
  });

  test('counts the cooldown from the last launch, whatever has happened since', async () => {
    const since = [
      { ...ended(5), Description: 'Terminating EC2 instance: i-1' },
      { ...launch, StatusCode: 'Failed', EndTime: new Date(noon) },
    ];
    expect(await capacity.check(growing(activities(...since, ended(299))).input)).toMatchObject({ answer: 'hold' });
  });

  test('asks about a scale-out alone', async () => {
    const grown = growing(activities());
    await capacity.check(grown.input);
    expect(grown.calls.map(({ permission }) => permission)).toEqual([...capacityPermissions]);
    const { input, calls } = lookingUp({}, { action: replaceMember, facts: memberFacts() });
    expect(await capacity.check(input)).toEqual({ answer: 'pass' });
    expect(calls).toEqual([]);
  });

  test.each([
    ['denied', sdkError('AccessDenied', 403), false],
    ['throttled', sdkError('Throttling', 400), true],
    ['timed out', sdkError('TimeoutError'), true],
  ])('is a hold where its look-up is %s', async (_, error, passing) => {
    expect(await evaluateGuards([capacity], growing(error).input)).toMatchObject({ answer: 'hold', passing });
  });
});
