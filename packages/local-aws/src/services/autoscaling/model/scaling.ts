import type { ActingAlarm } from '../../../core/service-interfaces.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { at } from './activity.ts';
import { adjusted, type ScalingPolicy, stepOf, tracked } from './adjustment.ts';
import { type Core, canDo, setDesired } from './core.ts';
import type { Group } from './group.ts';
import { readyMembers } from './warmup.ts';

/** What an execution goes by: the metric's value and the threshold that it has passed. */
export type Breach = { readonly value: number | undefined; readonly threshold: number | undefined };

/** The activity that blocks a policy or a call that honours the cooldown: one under way, or the last one until the cooldown is over. */
export const blockingActivity = (core: Core, group: Group, cooldownSeconds = group.settings.cooldownSeconds) => {
  const underway = group.activities.find((activity) => activity.endedAt === null);
  const coolsDown = group.scaledAt !== null && core.world.clock.now() < group.scaledAt + cooldownSeconds * 1000;
  return underway ?? (coolsDown ? group.activities.at(-1) : undefined);
};

/**
 * Members that are still warming up are no reason to add as many again, and as long as there are some nothing is taken away; nor are those
 * that are on their way out a reason to take as many again:
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
 */
const towards = (core: Core, group: Group, warmupSeconds: number | undefined, next: (current: number) => number): number => {
  const { desired, warmupSeconds: usual, cooldownSeconds } = group.settings;
  const ready = readyMembers(core, group, warmupSeconds ?? usual ?? cooldownSeconds).length;
  const warming = Math.max(0, group.counts.inService + group.counts.pending - ready);
  const current = Math.max(0, desired - warming);
  const out = next(current);
  if (out > current) return Math.max(desired, out);
  return warming > 0 ? desired : Math.min(desired, next(desired + group.counts.terminating));
};

/** What desired capacity becomes by the policy, its bounds aside. Throws what AWS refuses. */
const aimOf = (core: Core, group: Group, policy: ScalingPolicy, { value, threshold }: Breach): number => {
  const { desired } = group.settings;
  switch (policy.type) {
    case 'SimpleScaling':
      return adjusted(desired, policy.adjustment, policy.amount);
    case 'StepScaling': {
      if (value === undefined || threshold === undefined)
        throw new AwsError('ValidationError', 'A step scaling policy needs a metric value and a breach threshold.');
      const step = stepOf(policy.steps, value - threshold);
      if (!step)
        throw new AwsError('ValidationError', `No step adjustment found for metric value ${value} and breach threshold ${threshold}.`);
      return towards(core, group, policy.warmupSeconds, (current) => adjusted(current, policy.adjustment, step.ScalingAdjustment ?? 0));
    }
    case 'TargetTrackingScaling': {
      const { TargetValue: target, DisableScaleIn } = policy.configuration;
      if (value === undefined || value === target || (value < target && DisableScaleIn)) return desired;
      return towards(core, group, policy.warmupSeconds, (current) => tracked(current, value, target));
    }
  }
};

/** Carries a policy out. `why` is how the cause of what follows begins. */
export const execute = (core: Core, group: Group, policy: ScalingPolicy, breach: Breach, why: string): void => {
  const { min, max, desired } = group.settings;
  const aim = Math.max(min, Math.min(max, aimOf(core, group, policy, breach)));
  if (aim === desired) return;
  group.desiredCause = at(core, `${why} changing the desired capacity from ${desired} to ${aim}.`);
  setDesired(core, group, aim);
};

const policyNamed = (core: Core, arn: string): { group: Group; policy: ScalingPolicy } => {
  for (const group of core.groups.values())
    for (const policy of group.policies.values()) if (policy.arn === arn && !group.deleting) return { group, policy };
  throw new AwsError('ValidationError', `Policy not found: ${arn}`);
};

/** What a group does when an alarm names one of its policies as its action: nothing while it is suspended, disabled or cools down. */
export const onAlarm = (core: Core, arn: string, alarm: ActingAlarm): void => {
  const { group, policy } = policyNamed(core, arn);
  if (!policy.enabled || !canDo(group, 'AlarmNotification')) return;
  if (policy.type === 'SimpleScaling' && blockingActivity(core, group, policy.cooldownSeconds)) return;
  execute(core, group, policy, alarm, `a monitor alarm ${alarm.name} in state ${alarm.state} triggered policy ${policy.name}`);
};
