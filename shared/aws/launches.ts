import { type Activity, type AutoScalingClient, DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeLaunchTemplateVersionsCommand, type EC2Client, type LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import type { LaunchSource } from '../model/snapshot.ts';

/** IAM actions of the calls. A test compares them with the packaged template. */
export const launchesPermissions = ['autoscaling:DescribeScalingActivities'] as const;
export const launchTemplatePermissions = ['ec2:DescribeLaunchTemplateVersions'] as const;

/** A scaling activity that launches an instance. Times are milliseconds since the epoch. */
type Launch = {
  startedAt: number;
  endedAt: number | null;
  state: 'under-way' | 'successful' | 'failed' | 'cancelled';
  /** The group's own message. */
  message: string;
};

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Activity.html */
const states: Readonly<Record<string, Launch['state']>> = { Successful: 'successful', Failed: 'failed', Cancelled: 'cancelled' };

const isLaunch = ({ Description }: Activity): boolean => /^launching\b/i.test(Description ?? '');

/**
 * The latest launches of a group, newest first.
 * @throws whatever the SDK throws
 */
export const recentLaunches = async (autoScaling: AutoScalingClient, group: string): Promise<Launch[]> => {
  const { Activities = [] } = await autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: 50 }));
  return Activities.filter(isLaunch)
    .map(({ StartTime, EndTime, StatusCode, StatusMessage, Description }) => ({
      startedAt: StartTime?.getTime() ?? 0,
      endedAt: EndTime?.getTime() ?? null,
      state: states[StatusCode ?? ''] ?? 'under-way',
      message: (StatusMessage ?? Description ?? 'no message').slice(0, 400),
    }))
    .sort((a, b) => b.startedAt - a.startedAt);
};

/**
 * The version of a launch template that a group launches from.
 * @throws whatever the SDK throws
 */
export const launchTemplateVersion = async (
  ec2: EC2Client,
  { id, name, version }: Extract<LaunchSource, { kind: 'template' }>,
): Promise<LaunchTemplateVersion | undefined> => {
  const { LaunchTemplateVersions } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({
      ...(id === null ? { LaunchTemplateName: name ?? '' } : { LaunchTemplateId: id }),
      Versions: [version],
    }),
  );
  return LaunchTemplateVersions?.[0];
};

/** The latest launch that failed since `from`, unless one has succeeded since; null if the group can launch. */
export const failingLaunch = (launches: readonly Launch[], from: number): Launch | null => {
  const last = launches.find(({ state }) => state === 'failed' || state === 'successful');
  return last?.state === 'failed' && (last.endedAt ?? last.startedAt) >= from ? last : null;
};
