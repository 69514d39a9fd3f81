import { autoScalingParameters } from '../../../core/model-parameters.ts';
import type { Core } from './core.ts';
import type { Activity, Group, Member } from './group.ts';

/** `2026-11-20T13:35:00Z`, as causes and events carry it. */
export const timestamp = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** A sentence of a cause: `At 2026-11-20T13:35:00Z an instance was …`. */
export const at = (core: Core, what: string): string => `At ${timestamp(core.world.clock.now())} ${what}`;

const subnetOf = (core: Core, zone: string): string => core.ec2.zones.find(({ name }) => name === zone)?.subnetId ?? '';

/** The JSON that `Details` of an activity holds. */
export const detailsOf = (core: Core, { zone }: Activity): string =>
  JSON.stringify({ 'Subnet ID': subnetOf(core, zone), 'Availability Zone': zone });

type Start = Pick<Activity, 'kind' | 'description' | 'cause' | 'status' | 'progress' | 'instanceId' | 'zone'> &
  Partial<Pick<Activity, 'origin' | 'destination'>>;

/** Activities that began before are forgotten. */
export const keptSince = (core: Core): number => core.world.clock.now() - autoScalingParameters.activitiesKeptDays * 86_400_000;

export const startActivity = (core: Core, group: Group, of: Start): Activity => {
  const now = core.world.clock.now();
  const launches = of.kind === 'launch';
  const [origin, destination] = launches ? (['EC2', 'AutoScalingGroup'] as const) : (['AutoScalingGroup', 'EC2'] as const);
  const activity: Activity = { origin, destination, ...of, id: core.random.uuid(), startedAt: now, message: null, endedAt: null };
  const kept = keptSince(core);
  while ((group.activities[0]?.startedAt ?? kept) < kept) group.activities.shift();
  group.activities.push(activity);
  return activity;
};

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html */
const tell = (core: Core, group: Group, activity: Activity, ok: boolean): void => {
  const verb = activity.kind === 'launch' ? 'Launch' : 'Terminate';
  core.world.putEvent({
    source: 'aws.autoscaling',
    detailType: `EC2 Instance ${verb} ${ok ? 'Successful' : 'Unsuccessful'}`,
    resources: [group.arn, ...(activity.instanceId ? [core.world.arn('ec2', `instance/${activity.instanceId}`)] : [])],
    detail: {
      StatusCode: ok ? 'InProgress' : 'Failed',
      Description: activity.description,
      AutoScalingGroupName: group.name,
      ActivityId: activity.id,
      Details: { 'Availability Zone': activity.zone, 'Subnet ID': subnetOf(core, activity.zone) },
      RequestId: activity.id,
      StatusMessage: activity.message ?? '',
      EndTime: timestamp(activity.endedAt ?? core.world.clock.now()),
      EC2InstanceId: activity.instanceId ?? '',
      StartTime: timestamp(activity.startedAt),
      Cause: activity.cause,
      Origin: activity.origin,
      Destination: activity.destination,
    },
  });
};

/** Ends an activity and tells EventBridge, where it was a launch or a termination. A message says why it did not succeed. */
export const endActivity = (
  core: Core,
  group: Group,
  activity: Activity,
  status: 'Successful' | 'Failed' | 'Cancelled',
  message: string | null = null,
): void => {
  activity.status = status;
  activity.progress = 100;
  activity.endedAt = core.world.clock.now();
  activity.message = message;
  if (message !== null) activity.description = `${activity.description}${activity.instanceId ? '' : '.'}  Status Reason: ${message}`;
  if (activity.kind !== 'move') tell(core, group, activity, status === 'Successful');
};

/** Ends the activity that a member is the subject of, if there is one. */
export const endMemberActivity = (
  core: Core,
  group: Group,
  member: Member,
  status: 'Successful' | 'Failed' | 'Cancelled',
  message: string | null = null,
): void => {
  const { activity } = member;
  member.activity = null;
  if (activity) endActivity(core, group, activity, status, message);
};
