import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  type DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { Clients } from '../aws/clients.ts';
import { nameIn } from '../aws/remembered.ts';
import { isOptedIn } from '../guards/opt-in.ts';
import { calmBelow, madeByTag } from '../model/cluster-readers.ts';
import { clockTime, formatDuration, hourMs, inSeconds } from '../model/duration.ts';
import { errorMessage, isNamed } from '../model/errors.ts';
import { pauseOf } from '../model/pause.ts';
import type { Policy } from '../model/policy.ts';
import { tagMap } from '../model/tags.ts';
import { unbounded } from '../ports/deadline.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { MadeReader, MadeReaders } from '../ports/made-readers.ts';
import { readMetrics } from '../resources/read-metrics.ts';
import { inPlaceOf, type TakeBackDeps, tellTakenBack } from './take-back.ts';

/** IAM actions of its calls, which packaging grants only where the policy lets readers be added. */
export const removeReadersPermissions = {
  act: ['rds:DeleteDBInstance'],
  looks: ['rds:DescribeDBInstances', 'rds:DescribeDBClusters'],
  metrics: ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'],
} as const;

type Callers = { rds: Pick<RDSClient, 'send'>; cloudWatch: Clients['cloudWatch'] };
export type RemoveReadersDeps = TakeBackDeps<Callers> & {
  readers: MadeReaders;
  ledger: TakeBackDeps<Callers>['ledger'] & Pick<Ledger, 'pauses'>;
};

/** Of the values that metrics should have over the time, so many must be there: what can't be seen is not calm. */
const minSeen = 0.9;

/** Whether the alarm that a reader was added for has been OK for so long. One that is gone shows nothing. */
const isAlarmOk = async (cloudWatch: Clients['cloudWatch'], name: string | null, since: number): Promise<boolean> => {
  if (name === null) return false;
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  const found = MetricAlarms[0] ?? CompositeAlarms[0];
  const at = found?.StateTransitionedTimestamp ?? found?.StateUpdatedTimestamp;
  return found?.StateValue === 'OK' && at !== undefined && at.getTime() <= since;
};

/** Whether the other readers would have had little to do at any time, had this one not been there. */
const isCalm = async (
  cloudWatch: Clients['cloudWatch'],
  id: string,
  others: readonly string[],
  since: number,
  now: number,
): Promise<boolean> => {
  const period = (now - since) / hourMs > 24 ? 3600 : 300;
  const queries = [id, ...others].map((DBInstanceIdentifier) => ({
    namespace: 'AWS/RDS',
    metric: 'CPUUtilization',
    statistic: 'Average',
    dimensions: { DBInstanceIdentifier },
  }));
  const values = await readMetrics({ cloudWatch }, queries, since, now, period);
  const wanted = minSeen * Math.floor((now - since) / (period * 1000));
  if (values.some(({ size }) => size < wanted)) return false;
  const sums = new Map<number, number>();
  for (const own of values) for (const [at, cpu] of own) sums.set(at, (sums.get(at) ?? 0) + cpu);
  return [...sums.values()].every((sum) => sum / others.length < calmBelow);
};

/** For people. */
const nameOf = ({ id, cluster, replica }: MadeReader): string =>
  replica ? `read replica ${id} of database ${cluster}` : `reader ${id} of cluster ${cluster}`;

/** Tells people, and notes on the incident that added it, that it is gone. Without a record of the incident there is only the log. */
const tell = async (one: MadeReader, { readers, ledger, reporter, policy, now, log }: RemoveReadersDeps, again: boolean): Promise<void> => {
  const { id, cluster, incident, removing } = one;
  const { calm } = policy.readers ?? { calm: '24h' };
  const reason = `${nameOf(one)} was taken away at ${clockTime(removing ?? now())}, after ${formatDuration(inSeconds(calm))} without need of it`;
  await tellTakenBack({ ledger, reporter, now }, { incident, headline: 'REMOVED again by selfheal', reason }, again);
  await readers.forgetReader(one);
  log?.({ level: 'INFO', message: 'reader taken away again', reader: id, cluster, incident });
};

const describe = async (rds: RemoveReadersDeps['rds'], id: string): Promise<DBInstance | null> => {
  try {
    const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
    const [found] = DBInstances ?? [];
    if (!found) throw new Error(`RDS returned an empty result for ${id}`);
    return found;
  } catch (error) {
    if (isNamed(error, 'DBInstanceNotFound', 'DBInstanceNotFoundFault')) return null;
    throw error;
  }
};

const isTouchable = (status: string | undefined, tags: Readonly<Record<string, string>>, policy: Policy): boolean =>
  status === 'available' && isOptedIn(tags, policy) && (tags['selfheal:mode'] ?? 'enforce') === 'enforce';

/**
 * Who carries what a replica does once it is gone: the other replicas in this region, or the source if there is none. Null where nothing may
 * be taken away now: the source is busy or not to be touched.
 */
const othersBeside = async (
  rds: RemoveReadersDeps['rds'],
  { id, cluster: source }: MadeReader,
  policy: Policy,
): Promise<string[] | null> => {
  const found = await describe(rds, source);
  if (!isTouchable(found?.DBInstanceStatus, tagMap(found?.TagList), policy)) return null;
  const others = (found?.ReadReplicaDBInstanceIdentifiers ?? []).filter((other) => other !== id && !other.startsWith('arn:'));
  return others.length === 0 ? [source] : others;
};

/** The other readers of its cluster; null where nothing may be taken away now: it takes writes, or the cluster is busy or not to be touched. */
const othersIn = async (rds: RemoveReadersDeps['rds'], { id, cluster }: MadeReader, policy: Policy): Promise<string[] | null> => {
  const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }));
  const [found] = DBClusters ?? [];
  if (!isTouchable(found?.Status, tagMap(found?.TagList), policy)) return null;
  const members = found?.DBClusterMembers ?? [];
  if (members.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === id)?.IsClusterWriter !== false) return null;
  const others = members.flatMap(({ DBInstanceIdentifier: other, IsClusterWriter }) =>
    other === undefined || other === id || IsClusterWriter !== false ? [] : [other],
  );
  return others.length === 0 ? null : others;
};

/** Whether it still is what selfheal has added, and where. */
const isOwn = (found: DBInstance | null, { cluster, replica, incident }: MadeReader): boolean =>
  tagMap(found?.TagList)[madeByTag] === incident &&
  (replica ? found?.ReadReplicaSourceDBInstanceIdentifier : found?.DBClusterIdentifier) === cluster;

/**
 * Whoever protects it wants it to stay, and what replicates from it would stand alone after that.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html
 */
const mayGo = (found: DBInstance | null): boolean =>
  found?.DBInstanceStatus === 'available' &&
  !found.DeletionProtection &&
  [...(found.ReadReplicaDBInstanceIdentifiers ?? []), ...(found.ReadReplicaDBClusterIdentifiers ?? [])].length === 0;

const clusterOf = ({ place, cluster }: MadeReader): string => nameIn(place, cluster);
const sharesWith = (one: MadeReader, other: MadeReader): boolean => clusterOf(one) === clusterOf(other) && one.replica === other.replica;

const remove = async (one: MadeReader, made: readonly MadeReader[], given: RemoveReadersDeps): Promise<boolean> => {
  const deps = inPlaceOf(one, given);
  const { readers, ledger, rds, cloudWatch, policy, now, log } = deps;
  const { id, cluster } = one;
  const since = now() - inSeconds(policy.readers?.calm ?? '24h') * 1000;
  if (one.calmFrom > since && one.removing === undefined) return false;
  // A member has a switch of its own.
  if (one.place && (await deps.killSwitch.read(now())) !== 'on') return false;
  const found = await describe(rds, id);
  // An earlier sweep has begun, and could not tell.
  if (one.removing !== undefined && (found === null || found.DBInstanceStatus === 'deleting')) {
    await tell(one, deps, true);
    return true;
  }
  if (!isOwn(found, one)) {
    await readers.forgetReader(one);
    log?.({ level: 'INFO', message: 'a reader is not as selfheal left it', reader: id, state: found?.DBInstanceStatus ?? null });
    return false;
  }
  if (!mayGo(found)) return false;
  const concerned = [id, cluster].map((name) => ({ type: 'database', id: name }) as const);
  if (pauseOf(await ledger.pauses(), concerned, null, one.place ?? null, now())) return false;
  const others = await (one.replica ? othersBeside(rds, one, policy) : othersIn(rds, one, policy));
  if (!others || !(await isAlarmOk(cloudWatch, one.alarm, since)) || !(await isCalm(cloudWatch, id, others, since, now()))) return false;
  // One that a person has promoted meanwhile has data that nothing else has.
  const still = await describe(rds, id);
  if (!isOwn(still, one) || !mayGo(still)) return false;
  // What it carried is not seen any more: whoever is left has to be calm without it first.
  for (const other of made.filter((another) => sharesWith(one, another) && another.id !== id))
    await readers.noteReader({ ...other, calmFrom: now() });
  const removing = { ...one, removing: now() };
  await readers.noteReader(removing);
  // Its storage is the cluster's, and a replica has its source's data, so no final snapshot is made of it: SkipFinalSnapshot in
  // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true }));
  await tell(removing, deps, false);
  return true;
};

/**
 * Takes away the readers that selfheal has added to clusters of databases, and the replicas to instances, once they have not been needed for
 * as long as the policy says. Only what it has recorded and what still has its tag and its place, never a writer, and never the last reader of
 * a cluster. People are notified of each. Returns how many were taken away.
 * @throws {Error} in the end if any could not be looked at or taken away; the next sweep retries
 */
export const removeReaders = async ({ bounded = unbounded, ...deps }: RemoveReadersDeps): Promise<number> => {
  const { readers, policy, killSwitch, now } = deps;
  if (!policy.readers || policy.mode !== 'enforce') return 0;
  const made = await bounded(() => readers.madeReaders());
  if (made.length === 0 || (await bounded(() => killSwitch.read(now()))) !== 'on') return 0;
  const failures: string[] = [];
  const seen = new Set<string>();
  let removed = 0;
  for (const one of made) {
    // One of a cluster at a time: what another has carried since is not known yet.
    if (seen.has(clusterOf(one))) continue;
    try {
      if (!(await bounded(() => remove(one, made, deps)))) continue;
      removed++;
      seen.add(clusterOf(one));
    } catch (error) {
      failures.push(`${one.id}: ${errorMessage(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(`${failures.length} readers could not be taken away: ${failures.slice(0, 5).join('; ')}`);
  return removed;
};
