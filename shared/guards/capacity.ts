import { type Activity, DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling';
import { formatDuration } from '../model/duration.ts';
import { type Check, defineGuard, holdForNow, none, ofHosts, pass } from './guard.ts';

/** IAM actions of its look-up. A test compares them with the packaged template. */
export const capacityPermissions = ['autoscaling:DescribeScalingActivities'] as const;

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Activity.html */
const finalStates = new Set(['Successful', 'Failed', 'Cancelled']);
const isUnderWay = ({ StatusCode }: Activity): boolean => !finalStates.has(StatusCode ?? '');
const launchedAt = ({ StatusCode, Description, EndTime }: Activity): number =>
  StatusCode === 'Successful' && Description?.startsWith('Launching') ? (EndTime?.getTime() ?? 0) : 0;

const settles: Check = async ({ facts: { group }, clients: { autoScaling }, now }) => {
  if (!group) return pass;
  const { Activities = [] } = await autoScaling.send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group.name, MaxRecords: 20 }),
  );
  const activity = Activities.find(isUnderWay);
  if (activity) return holdForNow(`group ${group.name} has an activity in progress: ${activity.Description ?? activity.StatusCode}`);
  const left = (Math.max(0, ...Activities.map(launchedAt)) + group.cooldownSeconds * 1000 - now) / 1000;
  return left > 0 ? holdForNow(`group ${group.name} has just scaled out, and is in cool-down for ${formatDuration(left)}`) : pass;
};

/**
 * Waits while a group changes its size or has just grown, because the effect on the load is not known yet. Its maximum is
 * `asg-constraints`'s.
 */
export const capacity = defineGuard({
  id: 'capacity',
  live: true,
  check: {
    of: ofHosts({
      starts: none,
      changesSoftware: none,
      interrupts: none,
      removesFromService: none,
      destroys: none,
      addsCapacity: settles,
      changesAddress: none,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
