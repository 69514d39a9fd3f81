import { heirOf, ownFailoverMs, whyNoWriter } from '../model/cluster-members.ts';
import { busyFrom, cpuOf, type Reader } from '../model/cluster-readers.ts';
import { databaseStages, windowEnd } from '../model/database-state.ts';
import { storageApartMs } from '../model/database-storage.ts';
import { clockTime, minuteMs } from '../model/duration.ts';
import { isReadHeavy, maxReplicas } from '../model/instance-replicas.ts';
import { describeReplica, isOrphan, type ReplicaFacts } from '../model/replica.ts';
import type { DatabaseFacts } from '../model/snapshot.ts';
import { failingSince } from './failing-since.ts';
import {
  type Check,
  defineGuard,
  escalate,
  type GuardAnswer,
  type GuardInput,
  hold,
  holdForNow,
  holdUnseen,
  holdUntil,
  none,
  pass,
  skip,
} from './guard.ts';

/** Whether a reboot helps a replica that is behind: it is up, what it replicates is too, and it doesn't catch up by itself. */
const mayCatchUp = (id: string, replica: ReplicaFacts | null): ReturnType<Check> => {
  if (!replica) return escalate(`${id} replicates nothing: it is not what is behind`);
  const { source, lag } = replica;
  const says = `${id} is ${describeReplica(replica)}`;
  if (source.state !== 'available' && source.state !== 'unknown') return escalate(`${says}: a reboot of ${id} is no remedy`);
  if (lag.stopped) return escalate(`${says}: the reason for that is to be found first`);
  if (lag.seconds === null) return escalate(says);
  return lag.perMinute !== null && lag.perMinute < 0 ? holdForNow(`${says}: it catches up`) : pass;
};

/** A reboot is no remedy for what passes by itself: so long its alarm's metric must have shown the failure, in minutes. */
const shownFor = 15;
/** Where it has not by then, it comes and goes, and a person looks. */
const patience = 2 * shownFor * minuteMs;

/** The alarm's own metric must have shown the failure for a while, without a break. */
const whetherShown = async (alarm: string, { clients, incident, now }: GuardInput): Promise<GuardAnswer> => {
  const shown = await failingSince(clients, alarm, { now, backMs: shownFor * minuteMs });
  if ('why' in shown) return escalate(shown.why);
  const { metric, since } = shown;
  const until = (since ?? now) + shownFor * minuteMs;
  if (since !== null && now >= until) return pass;
  const asks = `before a reboot it must have for ${shownFor} min`;
  const isLong = now - incident.at >= patience;
  if (since === null) return (isLong ? escalate : holdUnseen)(`${metric} does not show the failure, and ${asks}`);
  return isLong
    ? escalate(`${metric} shows the failure now and then, and ${asks} without a break`)
    : holdUntil(`${metric} has shown the failure since ${clockTime(since)}, and ${asks}: until ${clockTime(until)}`, until);
};

/** RDS may be at work on an instance in its maintenance window; null outside of it. */
const whileMaintained = ({ id, maintenanceWindow }: DatabaseFacts, { policy, now }: GuardInput): GuardAnswer | null => {
  const until = maintenanceWindow === null ? undefined : windowEnd(maintenanceWindow, now);
  if (until === undefined) return hold(`the maintenance window of ${id} is unknown`);
  if (until === null) return null;
  const reason = `${id} is in its maintenance window (${maintenanceWindow} UTC)`;
  return until - now <= policy.lease.patience * 1000 ? holdUntil(reason, until) : hold(reason);
};

const mayReboot: Check = (input) => {
  const { facts, incident, policy } = input;
  const { database } = facts;
  if (policy.databases.reboot !== 'on') return hold('databases.reboot in the policy is off');
  if (!database) return hold('the database does not exist');
  const { id, state, cluster, pending, replica = null } = database;
  if (state === 'unknown') return holdUnseen(`${id} is in an unknown state`);
  const stage = databaseStages[state];
  if (stage === 'busy') return holdForNow(`${id} is ${state}`);
  if (stage === 'down') return escalate(`${id} is ${state}, and RDS only reboots what is available`);
  if (!incident.alarm) return escalate(`${id} is available, and no alarm shows that a reboot would help`);
  if (incident.failure === 'replica-behind') {
    const answer = mayCatchUp(id, replica);
    if (answer !== pass) return answer;
  } else if (cluster !== null) return escalate(`${id} is a member of cluster ${cluster}, which may fail over if it restarts`);
  if (pending.length > 0) return hold(`a reboot of ${id} may apply its pending changes: ${pending.join(', ')}`);
  return whileMaintained(database, input) ?? whetherShown(incident.alarm.name, input);
};

const mayFailOver: Check = ({ facts: { database }, incident, policy, now }) => {
  if (policy.databases.failover !== 'on') return hold('databases.failover in the policy is off');
  if (!database?.members) return hold('the cluster does not exist');
  const { id, state, members } = database;
  if (state === 'unknown') return holdUnseen(`${id} is in an unknown state`);
  // RDS fails over by itself.
  if (databaseStages[state] === 'busy') return holdForNow(`${id} is ${state}`);
  if (databaseStages[state] === 'down') return escalate(`${id} is ${state}`);
  const { writer, heard } = members;
  if (!heard) return holdUnseen(`no member of ${id} has metrics`);
  const why = whyNoWriter(members);
  if (!writer) return escalate(`RDS lists no writer of ${id}`);
  if (why === null) {
    const says = `the writer ${writer.id} of ${id} is available and has metrics`;
    // An alarm may be faster than RDS's metrics and status.
    const seenBy = incident.at + ownFailoverMs;
    return now < seenBy ? holdUntil(`${says} still`, seenBy) : escalate(`${says}: a failover is no remedy`);
  }
  if (writer.state === 'unknown') return holdUnseen(`${id}: ${why}`);
  if (databaseStages[writer.state] === 'busy') return holdForNow(`${id}: ${why}`);
  const until = (writer.silentSince ?? incident.at) + ownFailoverMs;
  if (now < until) return holdUntil(`${id}: ${why}, and RDS may still fail over by itself`, until);
  const heir = heirOf(members);
  return 'why' in heir ? escalate(`${id}: ${why}, and ${heir.why}`) : pass;
};

/** A reboot is of an instance, and a failover of a cluster. */
const mayInterrupt: Check = (input) => (input.facts.database?.members ? mayFailOver(input) : mayReboot(input));

const mayGrow: Check = ({ facts: { database }, policy, now }) => {
  const limits = policy.databases.storage;
  if (!limits) return hold('databases.storage in the policy is not set');
  if (!database) return hold('the database does not exist');
  const { id, state, cluster, storage } = database;
  if (cluster !== null) return escalate(`${id} is a member of cluster ${cluster}, which has the storage`);
  if (state === 'unknown') return holdUnseen(`${id} is in an unknown state`);
  if (!storage) return holdUnseen(`the storage of ${id} is not known`);
  const { allocated, next, wanted, growsTo, others, changedAt, iops } = storage;
  if (growsTo !== null) {
    const says = `RDS grows the storage of ${id} by itself, up to ${growsTo} GiB`;
    return growsTo > allocated ? holdForNow(says) : escalate(`${says}, which it has`);
  }
  const stage = databaseStages[state];
  if (stage === 'down' && state !== 'storage-full') return escalate(`${id} is ${state}`);
  if (wanted !== null) return holdForNow(`the storage of ${id} is being changed to ${wanted} GiB already`);
  const until = (changedAt ?? Number.NEGATIVE_INFINITY) + storageApartMs;
  if (now < until) {
    const reason = `the storage of ${id} was changed at ${clockTime(changedAt ?? 0)}, and RDS changes it again at ${clockTime(until)} at the earliest`;
    return until - now <= policy.lease.patience * 1000 ? holdUntil(reason, until) : hold(reason);
  }
  if (stage === 'busy') return holdForNow(`${id} is ${state}`);
  if (others.length > 0) return hold(`a change of the storage of ${id} would apply its pending changes: ${others.join(', ')}`);
  if (next === null)
    return escalate(`${id} has ${allocated} GiB, RDS adds no less than a tenth, and the policy allows ${limits.atMost} GiB`);
  if (iops === 'unknown') return escalate(`it is not known which IOPS a change of the storage of ${id} has to name`);
  return pass;
};

/** Two people decide, and only about a replica that has what is left of the data. */
const mayPromote: Check = ({ facts: { database }, policy }) => {
  if (policy.databases.promote !== 'on') return skip('databases.promote in the policy is off');
  if (!database) return hold('the database does not exist');
  const { id, state, pending, replica = null } = database;
  if (!isOrphan(replica))
    return escalate(`${id} is ${replica ? describeReplica(replica) : 'no replica'}: a promotion would part what belongs together`);
  if (state === 'unknown') return holdUnseen(`${id} is in an unknown state`);
  const stage = databaseStages[state];
  if (stage === 'busy') return holdForNow(`${id} is ${state}`);
  if (stage === 'down') return escalate(`${id} is ${state}, and RDS only promotes what is available`);
  return pending.length > 0 ? hold(`a promotion of ${id} may apply its pending changes: ${pending.join(', ')}`) : pass;
};

/** Nothing is added beside what is not available; null where all are. */
const firstUnavailable = (what: string, of: string, ones: readonly Reader[]): GuardAnswer | null => {
  for (const { id, state } of ones) {
    if (state === 'unknown') return holdUnseen(`${what} ${id} of ${of} is in an unknown state`);
    if (state !== 'available') return holdForNow(`${what} ${id} of ${of} is ${state}`);
  }
  return null;
};

/** A reader helps where the load is on reads, and nobody else sees to how many there are. */
const mayAddReader: Check = ({ facts: { database }, policy }) => {
  const limits = policy.readers;
  if (!limits) return hold('readers in the policy is not set');
  if (!database) return hold('the cluster does not exist');
  const { id, state, reading } = database;
  if (!reading) return holdUnseen(`the members of ${id} are not known`);
  const { engine, like, writer, others, scaled } = reading;
  if (!engine.startsWith('aurora')) return escalate(`${id} is a cluster of ${engine}, and readers are only added to clusters of Aurora`);
  if (state === 'unknown') return holdUnseen(`${id} is in an unknown state`);
  if (databaseStages[state] === 'busy') return holdForNow(`${id} is ${state}`);
  if (databaseStages[state] === 'down') return escalate(`${id} is ${state}`);
  if (scaled) return holdForNow(`Aurora Auto Scaling sees to the readers of ${id}`);
  if (!writer) return escalate(`RDS lists no writer of ${id}`);
  const unavailable = firstUnavailable('member', id, [writer, ...others]);
  if (unavailable) return unavailable;
  if (others.length === 0) return escalate(`${id} has no reader that is busy`);
  const has = `${id} has ${others.length} ${others.length === 1 ? 'reader' : 'readers'}`;
  if (others.length >= limits.atMost) return escalate(`${has}, and the policy allows ${limits.atMost}`);
  const busy = cpuOf(others);
  if (busy === null || writer.cpu === null) return holdUnseen(`how busy the members of ${id} are can't be read`);
  const says = `the readers of ${id} are at ${Math.round(busy)} % of their CPU, its writer at ${Math.round(writer.cpu)} %`;
  if (busy < busyFrom) return escalate(`${says}: the load is not on the readers`);
  if (writer.cpu >= busyFrom) return escalate(`${says}: the load is not on reads alone`);
  return like ? pass : hold(`what a reader of ${id} is like is not known`);
};

/** A replica helps where the load of an instance is on reads, and its clients read from the replicas that there are. */
const mayAddReplica: Check = (input) => {
  const { facts, policy } = input;
  const { database } = facts;
  if (!database?.replicas) return hold('the database does not exist');
  const { id, state, cluster, pending, replicas } = database;
  const limits = policy.readers;
  if (!limits?.instances.includes(id)) return hold(`readers.instances in the policy does not name ${id}`);
  const { engine, source, backupDays, others, count, load } = replicas;
  const most = maxReplicas(engine);
  if (most === null)
    return escalate(`${id} is an instance of ${engine}, and replicas are only added to those of MySQL, MariaDB and PostgreSQL`);
  if (cluster !== null) return escalate(`${id} is a member of cluster ${cluster}`);
  if (source !== null) return escalate(`${id} is a replica of ${source} itself`);
  if (state === 'unknown') return holdUnseen(`${id} is in an unknown state`);
  if (databaseStages[state] === 'busy') return holdForNow(`${id} is ${state}`);
  if (databaseStages[state] === 'down') return escalate(`${id} is ${state}`);
  if (backupDays === null) return holdUnseen(`whether ${id} has backups is not known`);
  if (backupDays <= 0) return escalate(`${id} keeps no backups, without which RDS makes no replica`);
  if (pending.length > 0) return hold(`${id} has pending changes: ${pending.join(', ')}`);
  const maintained = whileMaintained(database, input) ?? firstUnavailable('replica', id, others);
  if (maintained) return maintained;
  const has = `${id} has ${count} ${count === 1 ? 'replica' : 'replicas'}`;
  if (count >= Math.min(limits.atMost, most)) return escalate(`${has}, and ${count >= most ? 'RDS' : 'the policy'} allows no more`);
  const { cpu, reads, writes, connections } = load;
  const isRead = isReadHeavy(replicas);
  if (cpu === null || connections === null || isRead === null) return holdUnseen(`what is asked of ${id} can't be read`);
  const says = `${id} is at ${Math.round(cpu)} % of its CPU, with ${Math.round(reads ?? 0)} reads and ${Math.round(writes ?? 0)} writes a second for ${Math.round(connections)} connections`;
  if (cpu < busyFrom) return escalate(`${says}: it is not busy`);
  if (connections < 1 || !isRead) return escalate(`${says}: the load is not on reads`);
  if (count > 0) {
    const busy = others.length < count ? null : cpuOf(others);
    if (busy === null) return holdUnseen(`how busy the replicas of ${id} are can't be read`);
    if (busy < busyFrom)
      return escalate(
        `${says}, and its replicas are at ${Math.round(busy)} % of theirs: clients don't read from them, and another is of no use`,
      );
  }
  const { class: like, public: isPublic, zone } = replicas;
  return like === null || isPublic === null || zone === null ? hold(`what a replica of ${id} is like is not known`) : pass;
};

/** An instance that is named for it gets a replica, and a cluster a reader. */
const mayAdd: Check = (input) => (input.facts.database?.replicas ? mayAddReplica(input) : mayAddReader(input));

const unknown: Check = ({ action, target }) => hold(`can't tell what ${action.id} does to the data of ${target.type} ${target.id}`);

/**
 * Nothing but a reboot, a failover of its cluster, another reader or replica for it, growing its storage, and the promotion of a replica whose source is
 * lost is ever done to a database, and only where the policy allows it, RDS is not at work on it, and an alarm shows the failure: for a
 * reboot, its metric has for a quarter of an hour. A cluster of Aurora gets a reader where its readers are busy and its writer is not, up to
 * a maximum, and where nobody else sees to that; an instance that the policy names, a replica where it is busy with reads, and so are the
 * replicas that it has. Storage grows where RDS doesn't grow it by itself, and can't shrink. A cluster fails over once RDS has had
 * its time, to a reader that is not behind. A reboot may apply pending changes, which their author wants in the maintenance window; and in that window RDS itself restarts
 * what it maintains.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
 */
export const databaseReady = defineGuard({
  id: 'database-ready',
  live: true,
  check: {
    of: {
      instance: none,
      group: none,
      service: none,
      queue: none,
      task: none,
      certificate: none,
      database: {
        interrupts: mayInterrupt,
        starts: unknown,
        changesSoftware: unknown,
        removesFromService: unknown,
        destroys: mayPromote,
        addsCapacity: mayAdd,
        changesAddress: unknown,
        repeatsWork: unknown,
        growsStorage: mayGrow,
      },
    },
  },
});
