import { autoScalingParameters } from '../../../core/model-parameters.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { at, endActivity, endMemberActivity, startActivity, timestamp } from './activity.ts';
import { type Core, canDo, join, later, leave, move, newMember } from './core.ts';
import { bucketOf, capacityOf, type Group, type Member } from './group.ts';
import { launchingTransition, waitForHooks } from './hooks.ts';
import { candidates } from './launch-source.ts';
import { nextIsSpot } from './mixed.ts';
import { terminate } from './terminating.ts';

const { launchRetrySeconds, settleSeconds, suspendedAfterFailingHours } = autoScalingParameters;

/** Errors that another zone would give as well. */
const everywhere = /^(Invalid|Missing|Unauthorized|Validation)|LimitExceeded|CountExceeded|OptInRequired|PendingVerification/;

const asAwsError = (error: unknown): AwsError => {
  if (error instanceof AwsError) return error;
  throw error;
};

/** Each failure doubles the time to the next try; a day of nothing else suspends launching. */
const launchFailed = (core: Core, group: Group): void => {
  const now = core.world.clock.now();
  const count = (group.failures?.count ?? 0) + 1;
  const since = group.failures?.since ?? now;
  const seconds = Math.min(launchRetrySeconds.most, launchRetrySeconds.first * 2 ** Math.min(count - 1, 10));
  group.failures = { count, since, retryAt: now + seconds * 1000 };
  if (now - since >= suspendedAfterFailingHours * 3_600_000)
    group.suspended.set('Launch', `Administratively suspended at ${timestamp(now)} after launches failed for a day`);
  else core.wake(group, seconds * 1000);
};

const causeOf = (core: Core, group: Group, from: number, to: number): string => {
  if (group.replacements > 0) return at(core, 'an instance was launched in response to an unhealthy instance needing to be replaced.');
  const why = group.desiredCause === null ? '' : `${group.desiredCause}  `;
  const difference = 'an instance was started in response to a difference between desired and actual capacity';
  return `${why}${at(core, `${difference}, increasing the capacity from ${from} to ${to}.`)}`;
};

type Launched = { ok: true } | { ok: false; elsewhere: boolean };

/** The members that desired capacity is made of. */
const capacity = (group: Group): Member[] =>
  [...group.members.values()].filter((member) => ['pending', 'inService'].includes(bucketOf(member)));

/** Launches the first of the group's choices for which there is capacity in the zone. */
const launchAny = (core: Core, group: Group, zone: string, spot: boolean) => {
  let short: unknown;
  for (const resolved of candidates(core, group, spot)) {
    try {
      return { resolved, instance: core.ec2.launch({ ...resolved.spec, availabilityZone: zone }) };
    } catch (error) {
      if (asAwsError(error).code !== 'InsufficientInstanceCapacity') throw error;
      short = error;
    }
  }
  throw short;
};

const launchOne = (core: Core, group: Group, zone: string, cause: string, warm: boolean): Launched => {
  const description = 'Launching a new EC2 instance';
  const begin = (instanceId: string | null, suffix = '') =>
    startActivity(core, group, {
      kind: 'launch',
      description: `${description}${suffix}`,
      cause,
      status: 'PreInService',
      progress: 30,
      instanceId,
      zone,
      destination: warm ? 'WarmPool' : 'AutoScalingGroup',
    });
  const { source } = group.settings;
  const spot = source.kind === 'mixed' && nextIsSpot(capacity(group), source.distribution);
  let launched: ReturnType<typeof launchAny>;
  try {
    launched = launchAny(core, group, zone, spot);
  } catch (thrown) {
    const { code, message } = asAwsError(thrown);
    const prefix = source.kind === 'mixed' ? `Could not launch ${spot ? 'Spot' : 'On-Demand'} Instances. ${code} - ` : '';
    endActivity(core, group, begin(null), 'Failed', `${prefix}${message.replace(/\.?$/, '.')} Launching EC2 instance failed.`);
    return { ok: false, elsewhere: !everywhere.test(code) };
  }
  const { resolved, instance } = launched;
  const { id: instanceId, instanceType } = instance;
  const of = { instanceId, zone, instanceType, imageId: resolved.spec.imageId, spot: instance.spot, source: resolved.source };
  const member = newMember(of, core.world.clock.now());
  member.lifecycle = warm ? 'Warmed:Pending' : 'Pending';
  member.protected = group.settings.newMembersProtected;
  member.activity = begin(instance.id, `: ${instance.id}`);
  join(core, group, member);
  return { ok: true };
};

/**
 * Launches `count` instances, each in the zone with the fewest members. Where a zone has no capacity the next one is tried; when all
 * fail, or the failure is not the zone's, the group tries again later.
 */
export const launch = (core: Core, group: Group, count: number, warm = false): void => {
  const now = core.world.clock.now();
  if (!canDo(group, 'Launch')) return;
  if (group.failures && now < group.failures.retryAt) {
    core.wake(group, group.failures.retryAt - now);
    return;
  }
  const from = capacityOf(group);
  const zones = new Map(group.settings.zones.map((zone) => [zone, 0]));
  for (const member of warm ? [...group.members.values()].filter((m) => bucketOf(m) === 'warm') : capacity(group))
    if (zones.has(member.zone)) zones.set(member.zone, (zones.get(member.zone) ?? 0) + 1);
  for (let i = 0; i < count; i++) {
    let result: Launched = { ok: false, elsewhere: true };
    while (!result.ok && result.elsewhere && zones.size > 0) {
      const [zone, members] = [...zones].reduce((least, next) => (next[1] < least[1] ? next : least));
      const cause = warm ? at(core, 'an instance was started to prepare the warm pool.') : causeOf(core, group, from, from + count);
      result = launchOne(core, group, zone, cause, warm);
      if (result.ok) zones.set(zone, members + 1);
      else zones.delete(zone);
    }
    if (!result.ok) {
      launchFailed(core, group);
      return;
    }
    if (!warm && group.replacements > 0) group.replacements--;
  }
};

/** A hook gave a launch up. */
export const abandonLaunch = (core: Core, group: Group, member: Member, reason: string): void => {
  endMemberActivity(core, group, member, 'Cancelled', `Instance failed to complete user's Lifecycle Action: ${reason}`);
  terminate(core, group, member, at(core, `an instance was taken out of service in response to a launch failure.`));
  launchFailed(core, group);
};

/** A launched instance runs: after hooks it is in service. */
export const launched = (core: Core, group: Group, member: Member): void =>
  later(core, member, settleSeconds, () =>
    waitForHooks(core, group, member, launchingTransition, (result, reason) => {
      if (result === 'ABANDON') return abandonLaunch(core, group, member, reason);
      const succeed = () => {
        group.failures = null;
        enterService(core, group, member);
      };
      if (member.lifecycle !== 'Pending:Wait') return succeed();
      move(core, group, member, 'Pending:Proceed');
      later(core, member, settleSeconds, succeed);
    }),
  );

export const enterService = (core: Core, group: Group, member: Member): void => {
  move(core, group, member, 'InService');
  endMemberActivity(core, group, member, 'Successful');
  group.scaledAt = core.world.clock.now();
  core.wake(group);
};

/** An instance stopped or was terminated before it came into service: its launch counts as failed. */
export const launchDied = (core: Core, group: Group, member: Member): void => {
  const reason = core.ec2.get(member.instanceId)?.stateReason?.message;
  const died = 'Instance became unhealthy while waiting for instance to be in InService state.';
  endMemberActivity(core, group, member, 'Cancelled', reason === undefined ? died : `${died} Termination Reason: ${reason}`);
  const state = core.ec2.get(member.instanceId)?.state;
  if (state === undefined || state === 'terminated') leave(core, group, member);
  else terminate(core, group, member, at(core, 'an instance was taken out of service in response to a launch failure.'));
  launchFailed(core, group);
};
