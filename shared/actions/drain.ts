import { DescribeAutoScalingGroupsCommand, EnterStandbyCommand, ExitStandbyCommand } from '@aws-sdk/client-auto-scaling';
import { DeregisterTargetsCommand, RegisterTargetsCommand, type TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clients } from '../aws/clients.ts';
import { byTargetGroup, type Drained, type Place } from '../model/drained.ts';
import { CodedError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { typesOfResource } from '../model/resources/index.ts';
import { statesOf } from '../resources/registrations.ts';
import { type Action, has } from './action.ts';

/** IAM actions of its calls and look-ups: packaging grants them only where the policy has `drain`. */
export const drainPermissions = {
  targetGroups: ['elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:RegisterTargets'],
  groups: ['autoscaling:EnterStandby', 'autoscaling:ExitStandby'],
  looks: ['elasticloadbalancing:DescribeTags', 'elasticloadbalancing:DescribeTargetGroupAttributes'],
} as const;

/** Whether an action interrupts an instance that goes on afterwards. What is replaced is drained by its group. */
export const interruptsInstance = (action: Action, target: Resource): boolean =>
  typesOfResource[target.type].machine === true && has(action, 'interrupts') && !has(action, 'destroys');

const targetsOf = (places: readonly Place[]): TargetDescription[] =>
  places.map(({ id, port, zone }) => ({
    Id: id,
    ...(port === null ? {} : { Port: port }),
    ...(zone === null ? {} : { AvailabilityZone: zone }),
  }));

const lifecycleOf = async ({ autoScaling }: Pick<Clients, 'autoScaling'>, group: string, instance: string): Promise<string | undefined> => {
  const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }));
  return AutoScalingGroups?.[0]?.Instances?.find(({ InstanceId }) => InstanceId === instance)?.LifecycleState;
};

type Called = Pick<Clients, 'autoScaling' | 'elb'>;

/** Takes an instance out of its target groups. May be repeated: what is done already is not done again. */
const takeOut = async (clients: Called, instance: string, { places, standby }: Drained): Promise<void> => {
  if (standby === null) {
    for (const [TargetGroupArn, own] of byTargetGroup(places))
      await clients.elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: targetsOf(own) }));
    return;
  }
  const state = await lifecycleOf(clients, standby, instance);
  if (state === 'EnteringStandby' || state === 'Standby') return;
  await clients.autoScaling.send(
    // Without that, the group launches another one in its place.
    new EnterStandbyCommand({ AutoScalingGroupName: standby, InstanceIds: [instance], ShouldDecrementDesiredCapacity: true }),
  );
};

/** Whether it is out, so that no request reaches it. */
const isOut = async (clients: Called, instance: string, { places, standby }: Drained): Promise<boolean> => {
  if (standby !== null && (await lifecycleOf(clients, standby, instance)) !== 'Standby') return false;
  return (await statesOf(clients, places)).every((state) => state === 'gone');
};

/**
 * Puts it back as it was. May be repeated.
 * @throws {CodedError} where it is too early, and it may be tried again
 */
const putBack = async (clients: Called, instance: string, { places, standby }: Drained): Promise<void> => {
  if (standby === null) {
    for (const [TargetGroupArn, own] of byTargetGroup(places))
      await clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: targetsOf(own) }));
    return;
  }
  const state = await lifecycleOf(clients, standby, instance);
  if (state === 'Standby')
    await clients.autoScaling.send(new ExitStandbyCommand({ AutoScalingGroupName: standby, InstanceIds: [instance] }));
  else if (state === 'EnteringStandby') throw new CodedError('EnteringStandby', `${instance} is still EnteringStandby`);
};

/** The calls of draining. */
export const drainCalls = { takeOut, isOut, putBack } as const;
export type DrainCalls = typeof drainCalls;
