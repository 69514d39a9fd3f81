import { DescribeInstanceRefreshesCommand } from '@aws-sdk/client-auto-scaling';
import { has } from '../actions/action.ts';
import { formatDuration, minutes } from '../model/duration.ts';
import { member, type ResourceSnapshot, type ScheduledEventFacts } from '../model/snapshot.ts';
import { type Check, defineGuard, type GuardAnswer, holdForNow, holdUntil, none, ofHosts, pass } from './guard.ts';
import { settlesWithin } from './settling.ts';

/** IAM actions of its look-up. A test compares them with the packaged template. */
export const concurrentRemediationPermissions = ['autoscaling:DescribeInstanceRefreshes'] as const;

/** The assumed duration of a scheduled event without an end, in milliseconds. */
const defaultEventDuration = 3600_000;

const isUnderWay = ({ notBefore, notAfter }: ScheduledEventFacts, now: number): boolean =>
  notBefore !== null && notBefore <= now && now <= (notAfter ?? notBefore + defaultEventDuration);

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html */
const activeRefreshStates = new Set(['Pending', 'InProgress', 'Cancelling', 'RollbackInProgress', 'Baking']);

/** Holds while AWS carries out a scheduled event. */
const scheduled = ({ status }: ResourceSnapshot, now: number): GuardAnswer | null => {
  const underWay = status?.scheduled.find((event) => isUnderWay(event, now));
  return underWay ? holdForNow(`AWS is carrying out ${underWay.code} on it`) : null;
};

/**
 * Holds until another healer has had its time, even if something else has held it before for as long as is waited: one healer after the other
 * may go on for ever, so not in an incident that is twice as old.
 */
const leaveUntil = (until: number, reason: string, { incident, now, policy }: Parameters<Check>[0]): GuardAnswer =>
  now - incident.at < 2 * policy.lease.patience * 1000 ? holdUntil(reason, until) : holdForNow(reason);

/**
 * How long an instance gets until its own checks show that it works, after EC2 has moved it or a person has started it; in seconds. Two status
 * checks, a minute each, after a boot of a minute: how long boots take is assumed. A target gets as long as its group's checks take besides.
 */
const startAllowance = minutes(3);

type Start = { words: string; at: number };

/** When an instance last began to work, in milliseconds since the epoch; null if it doesn't run, or if its group has a grace period of its own. */
const startOf = ({ instance, status, group }: ResourceSnapshot): Start | null => {
  if (!instance || group || instance.state !== 'running') return null;
  const movedAt = status?.systemPassesSince;
  return movedAt !== undefined && movedAt > instance.launchedAt
    ? { words: 'its host works again', at: movedAt }
    : { words: 'it was started', at: instance.launchedAt };
};

/** Holds while an instance that has only just started can't be known to work or not: its checks still fail, for what was before. */
const isStarted: Check = async (input) => {
  const { facts, now } = input;
  const start = startOf(facts);
  if (!start) return isRecovered(input);
  const age = (now - start.at) / 1000;
  const allowance = await settlesWithin(input, startAllowance, age);
  return age < allowance
    ? leaveUntil(
        start.at + allowance * 1000,
        `${start.words} ${formatDuration(age)} ago, and it gets ${formatDuration(allowance)} to work`,
        input,
      )
    : isRecovered(input);
};

const isRecovered: Check = async (input) => {
  const { facts, now } = input;
  const { healers } = input.policy;
  const { instance, status } = facts;
  const atWork = scheduled(facts, now);
  if (atWork) return atWork;
  const since = status?.system === 'impaired' && instance?.autoRecovery ? status.systemImpairedSince : null;
  const until = (since ?? Number.NEGATIVE_INFINITY) + healers.autoRecovery * 1000;
  return now < until
    ? leaveUntil(until, `EC2 has ${formatDuration(healers.autoRecovery)} to recover it from its failed host`, input)
    : pass;
};

const isReplaced: Check = async (input) => {
  const { facts, now } = input;
  const { autoScaling } = input.clients;
  const { instance, group } = facts;
  const atWork = scheduled(facts, now);
  if (atWork) return atWork;
  // Without a group nothing can replace a member, which another guard reports.
  if (!group || !instance) return pass;
  if (member(facts)?.health === 'Unhealthy' && !group.suspendedProcesses.includes('ReplaceUnhealthy'))
    return holdForNow(`group ${group.name} has marked it unhealthy, and replaces it`);
  const graceEnds = instance.launchedAt + group.healthCheckGraceSeconds * 1000;
  if (now < graceEnds) return leaveUntil(graceEnds, `it is still in the health check grace period of group ${group.name}`, input);
  const { InstanceRefreshes } = await autoScaling.send(
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group.name, MaxRecords: 1 }),
  );
  const refresh = InstanceRefreshes?.find(({ Status }) => activeRefreshStates.has(Status ?? ''));
  return refresh ? holdForNow(`an instance refresh of group ${group.name} is ${refresh.Status}`) : pass;
};

/**
 * Two healers fight. Another healer at work goes first: AWS with its scheduled events, EC2 that recovers an instance from a failed host or has
 * just done so, a person who has just started it, a group that checks or replaces the member, an instance refresh.
 */
export const concurrentRemediation = defineGuard({
  id: 'concurrent-remediation',
  live: (action) => !has(action, 'addsCapacity'),
  check: {
    of: ofHosts({
      starts: isRecovered,
      changesSoftware: (input) => (input.facts.instance?.groupName ? isReplaced(input) : isStarted(input)),
      interrupts: isStarted,
      removesFromService: isStarted,
      destroys: isReplaced,
      addsCapacity: isRecovered,
      changesAddress: none,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
