import { attempt, explain } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { drainedFrom, putBackBy } from '../model/drained.ts';
import { clockTime, formatDuration, minuteMs } from '../model/duration.ts';
import { errorMessage, RefusedError } from '../model/errors.ts';
import type { Incident } from '../model/incident.ts';
import type { GroupFacts, InstanceFacts } from '../model/snapshot.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Ledger, OutOfService } from '../ports/ledger.ts';
import type { Interim, Reporter } from '../ports/reporter.ts';
import { describeGroup } from '../resources/group.ts';
import { describeInstance } from '../resources/instance.ts';

/** IAM actions of its look-ups. A test compares them with the packaged template. */
export const describeOutOfServicePermissions = ['ec2:DescribeInstances', 'autoscaling:DescribeAutoScalingGroups'] as const;

/**
 * One sweep that finds no progress is not enough, since the execution may be about to continue; two are. With a sweep every two minutes,
 * people are notified within five. In milliseconds.
 */
const confirmationDelay = 90_000;
/**
 * How long a stop or start may take before it counts as hanging: with two sweeps people are notified within 15 minutes. In milliseconds.
 */
const transitionLimit = 11 * minuteMs;
/** How long a new member may take to come into service if its group has no setting, in milliseconds. */
const launchLimit = 10 * minuteMs;

/** What the check for resources out of service needs. */
export type OutOfServiceDeps = {
  ledger: Pick<Ledger, 'outOfService' | 'noteOutSeen' | 'noteOutNotified' | 'read'>;
  reporter: Pick<Reporter, 'interim'>;
  clients: Pick<Clients, 'ec2' | 'autoScaling'>;
  /** The clients of where an incident is, if there are members; without it, all are in the account and region of the stack. */
  clientsFor?: (incident: Incident) => Pick<Clients, 'ec2' | 'autoScaling'>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Limits each resource separately. */
  bounded?: Bounded;
  /** What this process has observed and reported, in case the ledger can't record it. */
  seenHere?: Map<string, { seen: number; notified: boolean; tried?: boolean }>;
};

/** What to report about a stopped instance; null if it is back or may still come back. */
const ofInstance = (state: InstanceFacts['state'] | null, age: number): string | null => {
  switch (state) {
    case 'running':
      return null;
    case 'pending':
    case 'stopping':
      return age < transitionLimit ? null : `has been ${state} since then`;
    case null:
      return 'no longer exists';
    default:
      return state === 'unknown' ? 'is in a state that selfheal does not know' : `is still ${state}`;
  }
};

/**
 * What to report about a terminated member; null if it is replaced. A launched successor counts until it has had time to come into service.
 */
const ofGroup = (group: GroupFacts | null, age: number): string | null => {
  if (!group || group.deleting) return null;
  const { inService, joining } = group.count;
  if (inService >= group.desired) return null;
  const patient = age < Math.max(launchLimit, (group.warmUpSeconds ?? 0) * 1000);
  if (patient && inService + joining >= group.desired) return null;
  return `has no replacement yet: ${inService} of ${group.desired} members of group ${group.name} are in service`;
};

const describeNow = async (
  { instance, group, drained }: OutOfService,
  clients: OutOfServiceDeps['clients'],
  age: number,
  now: number,
): Promise<string | null> => {
  if (group !== null && !drained) return ofGroup(await describeGroup(clients, group), age);
  const stopped = ofInstance((await describeInstance(clients, instance))?.state ?? null, age);
  // What is back is no longer listed.
  return stopped ?? (drained && now >= drained.until ? `is not known to be back in ${drainedFrom(drained)}` : null);
};

/** What selfheal did to it, and what becomes of it. */
const wordsOf = ({ instance, group, drained }: OutOfService): { did: string; next: string } => {
  if (drained) return { did: 'DRAINED', next: `selfheal keeps trying to put it back, as a person can: ${putBackBy(instance, drained)}` };
  return group === null
    ? { did: 'STOPPED', next: 'selfheal keeps trying to start it' }
    : { did: 'TERMINATED', next: 'Its group must replace it' };
};

/** One time out of service: the same instance may be taken out again, by the same incident too. */
const timeOf = ({ incident, since }: OutOfService): string => `${incident} ${since}`;

const reportOne = async (
  one: OutOfService,
  { ledger, reporter, clients: own, clientsFor, now, seenHere = new Map() }: OutOfServiceDeps,
): Promise<boolean> => {
  const age = now() - one.since;
  const { instance: id } = one;
  // A resource that can't be looked at may be out of service all the same.
  const seen = await attempt(async () => {
    const where = clientsFor && (await ledger.read(one.incident))?.incident;
    if (clientsFor && !where) throw new RefusedError('NoRecord', 'nothing tells which account it is in');
    return describeNow(one, clientsFor && where ? clientsFor(where) : own, age, now());
  });
  const left = seen.ok ? seen.value : `can't be looked at (${explain(seen.error)})`;
  if (left === null) return false;
  const time = timeOf(one);
  const here = seenHere.get(time);
  const first = one.seen ?? here?.seen ?? null;
  if (first === null || now() - first < confirmationDelay) {
    if (first === null) {
      seenHere.set(time, { seen: now(), notified: false });
      await ledger.noteOutSeen(one.incident, now());
    }
    return false;
  }
  if (here?.notified) {
    await ledger.noteOutNotified(one.incident);
    return false;
  }
  const { incident } = (await ledger.read(one.incident)) ?? {};
  // Without the incident there is nothing to report.
  if (!incident) return false;
  const { did, next } = wordsOf(one);
  const why = one.why === null ? '' : ` (${one.why})`;
  const interim: Interim = {
    incident: one.incident,
    failure: incident.failure,
    severity: incident.severity,
    resource: { type: 'instance', id },
    account: incident.account,
    region: incident.region,
    at: new Date(now()).toISOString(),
    headline: `${did} by selfheal`,
    reason: `${did} by selfheal at ${clockTime(one.since)}, ${formatDuration(age / 1000)} ago: ${id} ${left}${why}. ${next}; the outcome follows`,
  };
  seenHere.set(time, { seen: first, notified: false, tried: true });
  await reporter.interim(interim, here?.tried === true);
  seenHere.set(time, { seen: first, notified: true });
  await ledger.noteOutNotified(one.incident);
  return true;
};

/**
 * Notifies people once of each resource that selfheal took out of service and that isn't back, whatever became of the execution. A failure
 * with one doesn't delay the others. Returns how many are out of service, and how many of them were reported now.
 * @throws {Error} in the end if any could not be reported, so that it is retried
 */
export const reportOutOfService = async ({
  bounded = unbounded,
  ...deps
}: OutOfServiceDeps): Promise<{ out: number; notified: number }> => {
  const all = await bounded(() => deps.ledger.outOfService());
  const failures: string[] = [];
  let reported = 0;
  const { seenHere } = deps;
  for (const time of seenHere?.keys() ?? []) if (!all.some((one) => timeOf(one) === time)) seenHere?.delete(time);
  for (const one of all) {
    if (one.notified) continue;
    try {
      if (await bounded(() => reportOne(one, deps))) reported++;
    } catch (error) {
      failures.push(`${one.incident}: ${errorMessage(error)}`);
    }
  }
  if (failures.length > 0)
    throw new Error(`${failures.length} could not be reported as out of service: ${failures.slice(0, 5).join('; ')}`);
  return { out: all.length, notified: reported };
};
