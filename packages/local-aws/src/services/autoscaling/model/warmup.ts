import type { Core } from './core.ts';
import { type Group, inState, type Member } from './group.ts';

/**
 * How long a new member takes to be ready for work: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-default-instance-warmup.html.
 * Where the group has no default, its grace period stands for it, as in an instance refresh; elsewhere that is assumed.
 */
const warmupMs = ({ settings }: Group, seconds = settings.warmupSeconds ?? settings.graceSeconds): number => seconds * 1000;

const readyAt = (group: Group, member: Member, seconds?: number): number =>
  (member.inServiceSince ?? Number.POSITIVE_INFINITY) + warmupMs(group, seconds);

/** Members that are in service, healthy and warm. */
export const readyMembers = (core: Core, group: Group, seconds?: number): Member[] =>
  inState(group, 'InService').filter((member) => !member.unhealthy && readyAt(group, member, seconds) <= core.world.clock.now());

/** When the next of those that are warming up is ready. */
export const nextReady = (core: Core, group: Group, seconds?: number): number | undefined => {
  const now = core.world.clock.now();
  const times = inState(group, 'InService')
    .map((member) => readyAt(group, member, seconds))
    .filter((time) => time > now);
  return times.length > 0 ? Math.min(...times) : undefined;
};
