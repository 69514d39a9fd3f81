import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { groupCanLaunch } from '../../shared/guards/group-can-launch.ts';
import type { GroupFacts } from '../../shared/model/snapshot.ts';
import { type Answer, sdkError } from '../aws/recorder.ts';
import { groupFacts, memberFacts, noon } from '../remediation/examples.ts';
import { lookingUp } from './look-up.ts';

const minute = 60_000;
const activity = (ago: number, StatusCode: string, change: object = {}) => ({
  StartTime: new Date(noon - ago * minute),
  EndTime: new Date(noon - ago * minute + 1000),
  StatusCode,
  Description: 'Launching a new EC2 instance: i-0ffffffffffffffff',
  StatusMessage: 'There is no capacity in us-east-1a.',
  ...change,
});
const answers = (activities: object[] = [], change: Record<string, Answer> = {}): Record<string, Answer> => ({
  'autoscaling:DescribeScalingActivities': { output: { Activities: activities } },
  'ec2:DescribeLaunchTemplateVersions': { output: { LaunchTemplateVersions: [{ LaunchTemplateData: { ImageId: 'ami-1' } }] } },
  'ec2:DescribeImages': { output: { Images: [{ State: 'available' }] } },
  ...change,
});
const replacing = (given: Record<string, Answer>, ofGroup: Partial<GroupFacts> = {}) =>
  lookingUp(given, { action: replaceMember, facts: memberFacts({ group: groupFacts(ofGroup).group }) });

describe('group-can-launch', () => {
  test.each([
    ['has never launched', []],
    ['has launched last', [activity(5, 'Successful'), activity(10, 'Failed')]],
    ['failed a day ago', [activity(24 * 60 + 1, 'Failed')]],
    ['is launching', [activity(5, 'InProgress', { EndTime: undefined }), activity(60, 'Successful')]],
    ['failed to terminate', [activity(5, 'Failed', { Description: 'Terminating EC2 instance: i-1' })]],
  ])('passes where the group %s', async (_, activities) => {
    expect(await groupCanLaunch.check(replacing(answers(activities)).input)).toEqual({ answer: 'pass' });
  });

  test.each([
    ['its last launch failed', [activity(10, 'Failed'), activity(20, 'Successful')], 'no capacity in us-east-1a'],
    ['it tries again what failed', [activity(1, 'InProgress', { EndTime: undefined }), activity(10, 'Failed')], 'no capacity'],
    [
      'a launch hangs',
      [activity(40, 'InProgress', { EndTime: undefined, StatusMessage: 'held by a hook' }), activity(60, 'Successful')],
      "for 40 min 00 s, and can't launch a replacement: held by a hook",
    ],
    ['a launch hangs that is older than one that worked', [activity(5, 'Successful'), activity(40, 'MidLifecycleAction')], 'launching'],
  ])("tells a person in the group's own words where %s", async (_, activities, words) => {
    const answer = await groupCanLaunch.check(replacing(answers(activities)).input);
    expect(answer).toMatchObject({ answer: 'escalate', reason: expect.stringContaining(words) });
  });

  test.each([
    ['the template is gone', { 'ec2:DescribeLaunchTemplateVersions': sdkError('InvalidLaunchTemplateId.NotFound', 400) }, 'does not exist'],
    [
      'the version is gone',
      { 'ec2:DescribeLaunchTemplateVersions': sdkError('InvalidLaunchTemplateId.VersionNotFound', 400) },
      'version 7',
    ],
    ['the image is gone', { 'ec2:DescribeImages': sdkError('InvalidAMIID.NotFound', 400) }, 'image ami-1 does not exist'],
    ['the image is disabled', { 'ec2:DescribeImages': { output: { Images: [{ State: 'disabled' }] } } }, 'ami-1 is disabled'],
  ])('tells a person where %s', async (_, change, words) => {
    const answer = await groupCanLaunch.check(replacing(answers([], change as Record<string, Answer>)).input);
    expect(answer).toMatchObject({ answer: 'escalate', reason: expect.stringContaining(words) });
  });

  test.each([
    ['ec2:DescribeImages', { Images: [] }],
    ['ec2:DescribeLaunchTemplateVersions', { LaunchTemplateVersions: [] }],
  ])('takes an empty answer of %s for none', async (call, output) => {
    expect(await evaluateGuards([groupCanLaunch], replacing(answers([], { [call]: { output } })).input)).toMatchObject({
      answer: 'hold',
      passing: true,
    });
  });

  test.each([
    ['there', { output: { LaunchConfigurations: [{ ImageId: 'ami-1' }] } }, 'pass'],
    ['gone', { output: { LaunchConfigurations: [] } }, 'escalate', 'launch configuration old does not exist'],
  ])('looks at a launch configuration that is %s', async (_, given, answer, why = '') => {
    const { input } = replacing(answers([], { 'autoscaling:DescribeLaunchConfigurations': given }), {
      launchSource: { kind: 'configuration', name: 'old' },
    });
    expect(await groupCanLaunch.check(input)).toMatchObject({ answer, ...(why ? { reason: expect.stringContaining(why) } : {}) });
  });

  test('leaves a group that says nothing of what it launches from to a person', async () => {
    expect(await groupCanLaunch.check(replacing(answers(), { launchSource: null }).input)).toMatchObject({ answer: 'escalate' });
  });

  test('does not look for an image that only a launch resolves', async () => {
    const resolved = { output: { LaunchTemplateVersions: [{ LaunchTemplateData: { ImageId: 'resolve:ssm:/golden' } }] } };
    const { input, calls } = replacing(answers([], { 'ec2:DescribeLaunchTemplateVersions': resolved }));
    expect(await groupCanLaunch.check(input)).toEqual({ answer: 'pass' });
    expect(calls.map(({ permission }) => permission)).not.toContain('ec2:DescribeImages');
  });

  test.each(['autoscaling:DescribeScalingActivities', 'ec2:DescribeLaunchTemplateVersions', 'ec2:DescribeImages'])(
    'is a hold where %s is denied',
    async (call) => {
      const { input } = replacing(answers([], { [call]: sdkError('UnauthorizedOperation', 403) }));
      expect(await evaluateGuards([groupCanLaunch], input)).toMatchObject({ answer: 'hold', passing: false });
    },
  );

  test('holds where there is no group, and asks nothing for other actions', async () => {
    const { input } = lookingUp({}, { action: replaceMember, facts: memberFacts({ group: null }) });
    expect(await groupCanLaunch.check(input)).toMatchObject({ answer: 'hold' });
    for (const action of [rebootInstance, scaleOut]) {
      const other = lookingUp({}, { action });
      expect(await groupCanLaunch.check(other.input)).toEqual({ answer: 'pass' });
      expect(other.calls).toEqual([]);
    }
  });
});
