import { attempt, explain } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { describeGroup, describeInstance } from '../aws/look.ts';
import { clockTime, formatDuration } from '../model/duration.ts';
import type { GroupFacts } from '../model/snapshot.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Ledger, OutOfService } from '../ports/ledger.ts';
import type { Interim, Reporter } from '../ports/reporter.ts';

/** Permissions of its look-ups; held against the packaged template. */
export const outOfServiceLookPermissions = ['ec2:DescribeInstances', 'autoscaling:DescribeAutoScalingGroups'] as const;

/**
 * What a sweep finds standing still is being dealt with; what the next one finds so as well isn't. A sweep comes every two minutes, so
 * people know within five of the moment at which it stood still. In milliseconds.
 */
const twice = 90_000;
/** So long a stop or a start may be under way before it counts as one that hangs: with two sweeps people know within 15. In milliseconds. */
const slow = 11 * 60_000;
/** So long a successor may take to come into service where its group doesn't say, in milliseconds. */
const launching = 10 * 60_000;

export type OutOfServiceDeps = {
  ledger: Pick<Ledger, 'outOfService' | 'noteOutSeen' | 'noteOutTold' | 'read'>;
  reporter: Pick<Reporter, 'interim'>;
  clients: Pick<Clients, 'ec2' | 'autoScaling'>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Each by itself. */
  bounded?: Bounded;
  /** What this process has seen standing still, and told of, as far as the ledger could not be told so: the best that is left then. */
  seenHere?: Map<string, { seen: number; told: boolean; tried?: boolean }>;
};

/** What is to be said of a stopped instance, or null where it is back or may still come. */
const ofInstance = (state: string | null, age: number): string | null => {
  switch (state) {
    case 'running':
      return null;
    case 'pending':
    case 'stopping':
      return age < slow ? null : `has been ${state} since then`;
    case null:
      return 'no longer exists';
    default:
      return `is still ${state}`;
  }
};

/** Of a member that was taken from its group: a successor that has been launched counts until it has had time to come into service. */
const ofGroup = (group: GroupFacts | null, age: number): string | null => {
  if (!group || group.deleting) return null;
  const { inService, joining } = group.count;
  if (inService >= group.desired) return null;
  const patient = age < Math.max(launching, (group.warmUpSeconds ?? 0) * 1000);
  if (patient && inService + joining >= group.desired) return null;
  return `has no replacement yet: ${inService} of ${group.desired} members of group ${group.name} are in service`;
};

const lookAt = async ({ instance, group }: OutOfService, clients: OutOfServiceDeps['clients'], age: number): Promise<string | null> =>
  group === null
    ? ofInstance((await describeInstance(clients, instance))?.state ?? null, age)
    : ofGroup(await describeGroup(clients, group), age);

const tellOf = async (one: OutOfService, { ledger, reporter, clients, now, seenHere = new Map() }: OutOfServiceDeps): Promise<boolean> => {
  const age = now() - one.since;
  const { instance: id, group: name } = one;
  // What can't be seen may stand still all the same.
  const seen = await attempt(() => lookAt(one, clients, age));
  const left = seen.ok ? seen.value : `can't be looked at (${explain(seen.error)})`;
  if (left === null) return false;
  const here = seenHere.get(id);
  const first = one.seen ?? here?.seen ?? null;
  if (first === null || now() - first < twice) {
    if (first === null) {
      seenHere.set(id, { seen: now(), told: false });
      await ledger.noteOutSeen(one.incident, now());
    }
    return false;
  }
  if (here?.told) {
    await ledger.noteOutTold(one.incident);
    return false;
  }
  const { incident } = (await ledger.read(one.incident)) ?? {};
  // An incident that isn't there tells of nothing that could be said to anybody.
  if (!incident) return false;
  const did = name === null ? 'STOPPED' : 'TERMINATED';
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
    reason: `${did} by selfheal at ${clockTime(one.since)}, ${formatDuration(age / 1000)} ago: ${id} ${left}${why}. ${
      name === null ? 'selfheal keeps trying to start it' : 'Its group must replace it'
    }; the outcome follows`,
  };
  seenHere.set(id, { seen: first, told: false, tried: true });
  await reporter.interim(interim, here?.tried === true);
  seenHere.set(id, { seen: first, told: true });
  await ledger.noteOutTold(one.incident);
  return true;
};

/**
 * Tells people, once for each, of what selfheal has taken out of service and what isn't back: whatever became of the execution that
 * did it. One that can't be told of doesn't keep the others waiting; then this throws in the end, and is tried again. Returns how many
 * are out of service, and of how many people have been told now.
 */
export const tellOutOfService = async ({ bounded = unbounded, ...deps }: OutOfServiceDeps): Promise<{ out: number; told: number }> => {
  const all = await bounded(() => deps.ledger.outOfService());
  const failures: string[] = [];
  let told = 0;
  const { seenHere } = deps;
  for (const id of seenHere?.keys() ?? []) if (!all.some(({ instance }) => instance === id)) seenHere?.delete(id);
  for (const one of all) {
    if (one.told) continue;
    try {
      if (await bounded(() => tellOf(one, deps))) told++;
    } catch (error) {
      failures.push(`${one.incident}: ${(error as Error).message}`);
    }
  }
  if (failures.length > 0)
    throw new Error(`${failures.length} could not be reported as out of service: ${failures.slice(0, 5).join('; ')}`);
  return { out: all.length, told };
};
