import { describe, expect, test } from '@jest/globals';
import { addReader } from '../../shared/actions/add-reader.ts';
import { addReplica } from '../../shared/actions/add-replica.ts';
import { failOverCluster } from '../../shared/actions/fail-over-cluster.ts';
import { growStorage } from '../../shared/actions/grow-storage.ts';
import { promoteReplica } from '../../shared/actions/promote-replica.ts';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { databaseReady } from '../../shared/guards/database-ready.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import type { ClusterMembers } from '../../shared/model/cluster-members.ts';
import type { ReadersFacts } from '../../shared/model/cluster-readers.ts';
import type { StorageFacts } from '../../shared/model/database-storage.ts';
import type { ReplicaFacts } from '../../shared/model/replica.ts';
import type { DatabaseFacts } from '../../shared/model/snapshot.ts';
import type { Answer } from '../aws/recorder.ts';
import {
  clusterMembers,
  clusterReaders,
  database,
  databaseStorage,
  facts,
  incident,
  instanceReplicas,
  noon,
  replica,
} from '../remediation/examples.ts';
import { effective, guardInput, kindOf } from './examples.ts';
import { lookingUp } from './look-up.ts';

const minute = 60_000;
const policy = effective({ databases: { reboot: 'on' } });
/** An alarm on connections, whose metric has been above its threshold for so many minutes before noon. */
const failed = (minutes: number, change: Record<string, unknown> = {}) => ({
  'cloudwatch:DescribeAlarms': {
    output: {
      MetricAlarms: [
        {
          ...{ Namespace: 'AWS/RDS', MetricName: 'DatabaseConnections', Statistic: 'Maximum', Period: 60, Threshold: 1500 },
          ...{ ComparisonOperator: 'GreaterThanThreshold', Dimensions: [{ Name: 'DBInstanceIdentifier', Value: 'orders' }] },
          ...change,
        },
      ],
    },
  },
  'cloudwatch:GetMetricData': metric((ago) => (ago <= minutes ? 1802 : 20)),
});
/** What the metric was so many minutes ago; undefined for no value. */
const metric = (of: (ago: number) => number | undefined) => {
  const values = Array.from({ length: 20 }, (_, i) => [new Date(noon - (i + 1) * minute), of(i + 1)] as const);
  const known = values.filter(([, value]) => value !== undefined);
  return { output: { MetricDataResults: [{ Id: 'm0', Timestamps: known.map(([at]) => at), Values: known.map(([, value]) => value) }] } };
};
const { clients } = lookingUp(failed(15)).input;
/** Noon of the examples is on a Friday. */
const asked = (change: Partial<DatabaseFacts> = {}, more: Partial<GuardInput> = {}) =>
  databaseReady.check(
    guardInput({
      action: rebootDatabase,
      target: { type: 'database', id: 'orders' },
      facts: facts({ instance: null, status: null, database: database(change) }),
      policy,
      clients,
      ...more,
    }),
  );

describe('database-ready', () => {
  test('passes a reboot of a database that is available, with nothing pending, outside its maintenance window', async () => {
    expect(await asked()).toEqual({ answer: 'pass' });
    expect(databaseReady.check(guardInput({ policy: effective() }))).toEqual({ answer: 'pass' });
  });

  test.each<[string, Partial<DatabaseFacts>, Partial<GuardInput>]>([
    ['where the policy does not name it', {}, { policy: effective() }],
    ['of a database that is not there', {}, { facts: facts({ instance: null, database: null }) }],
    ['that would apply a change', { pending: ['DBInstanceClass'] }, {}],
    ['in a maintenance window that is long', { maintenanceWindow: 'fri:11:00-fri:13:00' }, {}],
    ['in a maintenance window over the end of the week', { maintenanceWindow: 'fri:11:00-mon:13:00' }, {}],
    ['where the maintenance window is left out', { maintenanceWindow: null }, {}],
    ['where the maintenance window is no window', { maintenanceWindow: 'at night' }, {}],
  ])('holds a reboot %s, for good', (_, change, more) => {
    const answer = asked(change, more);
    expect(answer).toMatchObject({ answer: 'hold' });
    expect(answer).not.toHaveProperty('passing');
  });

  test('waits for the end of a maintenance window that is near', async () => {
    const answer = asked({ maintenanceWindow: 'fri:11:45-fri:12:15' });
    expect(answer).toMatchObject({ answer: 'hold', passing: true, until: noon + 15 * minute });
    expect(await asked({ maintenanceWindow: 'fri:11:30-fri:12:00' })).toEqual({ answer: 'pass' });
    // As long as it waits at most.
    const patient = effective({ databases: { reboot: 'on' }, lease: { patience: 15 * 60 } });
    expect(await asked({ maintenanceWindow: 'fri:11:45-fri:12:15' }, { policy: patient })).toMatchObject({ until: noon + 15 * minute });
  });

  test.each(['rebooting', 'modifying', 'backing-up', 'storage-optimization'] as const)('waits while it is %s', (state) => {
    expect(asked({ state })).toMatchObject({ answer: 'hold', passing: true });
  });

  test('holds what is in a state that it does not know', () => {
    expect(asked({ state: 'unknown' })).toMatchObject({ answer: 'hold', unseen: true });
  });

  test.each<[string, Partial<DatabaseFacts>, Partial<GuardInput>]>([
    ['a database that failed', { state: 'failed' }, {}],
    ['a database that is stopped', { state: 'stopped' }, {}],
    ['a member of a cluster', { cluster: 'shop' }, {}],
    ['what only an event of RDS reports', {}, { incident: incident({ alarm: null, kind: 'rds' }) }],
  ])('leaves %s to a person', (_, change, more) => {
    expect(asked(change, more)).toMatchObject({ answer: 'escalate' });
  });

  test.each(['starts', 'removesFromService', 'changesAddress'] as const)(
    'holds whatever has the effect %s on a database',
    async (effect) => {
      expect(await asked({}, { action: { ...rebootDatabase, effects: [effect] } })).toMatchObject({ answer: 'hold' });
    },
  );
});

const behind = (change: Partial<ReplicaFacts> | null, more: Partial<DatabaseFacts> = {}) =>
  asked({ replica: change && replica(change), ...more }, { incident: incident({ failure: 'replica-behind' }) });

describe('database-ready, of replicas', () => {
  test('passes a reboot of one that falls further behind what is well, in a cluster too', async () => {
    expect(await behind({})).toEqual({ answer: 'pass' });
    expect(await behind({ reader: true }, { cluster: 'shop' })).toEqual({ answer: 'pass' });
    expect(await behind({ lag: { seconds: 300, perMinute: 0, stopped: false } })).toEqual({ answer: 'pass' });
    expect(await behind({ source: { id: 'orders', state: 'unknown' } })).toEqual({ answer: 'pass' });
  });

  test.each<[string, Partial<ReplicaFacts> | null, RegExp]>([
    ['what replicates nothing', null, /replicates nothing/],
    ['one whose source failed', { source: { id: 'orders', state: 'failed' } }, /orders, which is failed.*no remedy/],
    ['one whose source is gone', { source: { id: 'orders', state: 'gone' } }, /no remedy/],
    [
      'one whose replication has stopped',
      { lag: { seconds: null, perMinute: null, stopped: true } },
      /has stopped.*: the reason for that is to be found first$/,
    ],
    ["one whose lag can't be read", { lag: { seconds: null, perMinute: null, stopped: false } }, /can't be read/],
  ])('leaves %s to a person', (_, change, reason) => {
    expect(behind(change)).toMatchObject({ answer: 'escalate', reason: expect.stringMatching(reason) });
    expect(behind(change, { cluster: 'shop' })).toMatchObject({ answer: 'escalate' });
  });

  test('waits for one that catches up', () => {
    expect(behind({ lag: { seconds: 300, perMinute: -60, stopped: false } })).toMatchObject({ answer: 'hold', passing: true });
  });

  test('holds what would apply a change, and what is under way', () => {
    expect(behind({}, { pending: ['DBInstanceClass'] })).toMatchObject({ answer: 'hold' });
    expect(behind({}, { state: 'rebooting' })).toMatchObject({ answer: 'hold', passing: true });
  });
});

const promoting = effective({ databases: { promote: 'on' } });
const orphan = replica({ source: { id: 'orders', state: 'failed' } });
const promote = (change: Partial<DatabaseFacts> = {}, more: Partial<GuardInput> = {}) =>
  asked(
    { replica: orphan, ...change },
    { action: promoteReplica, policy: promoting, incident: incident({ failure: 'replica-behind' }), ...more },
  );

describe('database-ready, of promotions', () => {
  test('passes that of a replica whose source is lost, for people to decide', () => {
    expect(promote()).toEqual({ answer: 'pass' });
    for (const state of ['gone', 'inaccessible-encryption-credentials'] as const)
      expect(promote({ replica: replica({ source: { id: 'orders', state } }) })).toEqual({ answer: 'pass' });
  });

  test('leaves what nobody looked at to a person', () => {
    const seen = facts({ instance: null, status: null, database: database() });
    expect(promote({}, { facts: seen })).toMatchObject({ answer: 'escalate' });
  });

  test('leaves it out where the policy does not name it', () => {
    expect(promote({}, { policy })).toMatchObject({ answer: 'skip' });
    expect(promote({}, { policy: effective() })).toMatchObject({ answer: 'skip' });
  });

  test.each<[string, Partial<DatabaseFacts>]>([
    ['of a source that is well', { replica: replica() }],
    ['of a source that is stopped', { replica: replica({ source: { id: 'orders', state: 'stopped' } }) }],
    ['of a source that is full', { replica: replica({ source: { id: 'orders', state: 'storage-full' } }) }],
    ['of a source in an unknown state', { replica: replica({ source: { id: 'orders', state: 'unknown' } }) }],
    ['that is a reader of a cluster', { replica: { ...orphan, reader: true } }],
    ['that is none', { replica: null }],
    ['that failed itself', { state: 'failed' }],
  ])('leaves a replica %s to a person', (_, change) => {
    expect(promote(change)).toMatchObject({ answer: 'escalate' });
  });

  test('holds what would apply a change, what is under way, and what is not there', () => {
    expect(promote({ pending: ['DBInstanceClass'] })).toMatchObject({ answer: 'hold' });
    expect(promote({ state: 'backing-up' })).toMatchObject({ answer: 'hold', passing: true });
    expect(promote({ state: 'unknown' })).toMatchObject({ answer: 'hold', unseen: true });
    expect(promote({}, { facts: facts({ instance: null, database: null }) })).toMatchObject({ answer: 'hold' });
  });
});

describe('database-ready, of what a reboot may be good for', () => {
  const shown = (answers: Record<string, Answer>, more: Partial<GuardInput> = {}) =>
    asked({}, { clients: lookingUp(answers).input.clients, incident: incident({ at: noon }), ...more });

  test('waits until the metric of the alarm has shown the failure for 15 minutes', async () => {
    expect(await shown(failed(14))).toMatchObject({
      answer: 'hold',
      passing: true,
      until: noon + minute,
      reason: 'DatabaseConnections has shown the failure since 11:46 UTC, and before a reboot it must have for 15 min: until 12:01 UTC',
    });
    expect(await shown(failed(3))).toMatchObject({ answer: 'hold', until: noon + 12 * minute });
    expect(await shown(failed(15))).toEqual({ answer: 'pass' });
    // Read in periods of a minute, also where the alarm's are shorter, and in the alarm's where they are longer.
    for (const [Period, read] of [
      [10, 60],
      [60, 60],
      [300, 300],
    ] as const) {
      const looked = lookingUp(failed(20, { Period }));
      await asked({}, { clients: looked.input.clients, incident: incident({ at: noon }) });
      const { MetricDataQueries } = (looked.calls.find(({ permission }) => permission === 'cloudwatch:GetMetricData') ?? { input: {} })
        .input as {
        MetricDataQueries: { MetricStat: { Period: number } }[];
      };
      expect(MetricDataQueries[0]?.MetricStat.Period).toBe(read);
    }
    // It may come and go meanwhile, for half an hour.
    expect(await shown(failed(14), { incident: incident({ at: noon - 29 * minute }) })).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each<[string, (ago: number) => number | undefined, string, Record<string, unknown>]>([
    ['one minute between is well', (ago) => (ago === 10 ? 20 : 1802), 'hold', {}],
    ['one minute between has no value', (ago) => (ago === 10 ? undefined : 1802), 'hold', {}],
    ['the last minutes have no value yet', (ago) => (ago <= 3 ? undefined : 1802), 'pass', {}],
    ['more than these have none', (ago) => (ago <= 4 ? undefined : 1802), 'hold', {}],
    ['there are no values', () => undefined, 'hold', {}],
    ['none is what the alarm takes for the failure', () => undefined, 'pass', { TreatMissingData: 'breaching' }],
    ['it is below the least', () => 20, 'pass', { ComparisonOperator: 'LessThanThreshold' }],
    ['it is the least', () => 1500, 'hold', { ComparisonOperator: 'LessThanThreshold' }],
    ['it is at most the least', () => 1500, 'pass', { ComparisonOperator: 'LessThanOrEqualToThreshold' }],
    ['it is where the alarm begins to fire', () => 1500, 'pass', { ComparisonOperator: 'GreaterThanOrEqualToThreshold' }],
    ['it is where the alarm does not fire yet', () => 1500, 'hold', {}],
  ])('counts whole minutes without a break: %s', async (_, of, answer, change) => {
    expect(await shown({ ...failed(15, change), 'cloudwatch:GetMetricData': metric(of) })).toMatchObject({ answer });
  });

  test('leaves it to a person where it comes and goes, or no metric can show it', async () => {
    expect(await shown(failed(14), { incident: incident({ at: noon - 30 * minute }) })).toMatchObject({
      answer: 'escalate',
      reason: expect.stringContaining('now and then'),
    });
    expect(await shown(failed(0), { incident: incident({ at: noon - 30 * minute }) })).toMatchObject({
      answer: 'escalate',
      reason: expect.stringContaining('does not show'),
    });
    expect(await shown(failed(15), { incident: incident({ at: noon - 30 * minute }) })).toEqual({ answer: 'pass' });
    const without = { ...failed(15), 'cloudwatch:DescribeAlarms': { output: { CompositeAlarms: [{ AlarmName: 'web-status' }] } } };
    expect(await shown(without)).toMatchObject({ answer: 'escalate' });
    for (const change of [{ MetricName: undefined }, { Threshold: undefined }, { ComparisonOperator: 'GreaterThanUpperThreshold' }])
      expect(await shown(failed(15, change))).toMatchObject({ answer: 'escalate' });
  });

  test('fails where CloudWatch does not answer', async () => {
    await expect(shown({ ...failed(15), 'cloudwatch:GetMetricData': new Error('AccessDenied') })).rejects.toThrow('AccessDenied');
  });
});

const reading = effective({ readers: { atMost: 3 } });
const more = (change: Parameters<typeof clusterReaders>[0] = {}, cluster: Partial<DatabaseFacts> = {}, other: Partial<GuardInput> = {}) =>
  asked(
    { id: 'shop', members: clusterMembers(), reading: clusterReaders(change), ...cluster },
    { action: addReader, policy: reading, incident: incident({ failure: 'load-saturated' }), ...other },
  );
const reader = (id: string, cpu: number | null = 85, state: ReadersFacts['others'][number]['state'] = 'available') => ({ id, cpu, state });

describe('database-ready, of readers', () => {
  test('passes one where the readers are busy and the writer is not', () => {
    expect(more()).toEqual({ answer: 'pass' });
    expect(more({ writer: reader('shop-0', 59) })).toEqual({ answer: 'pass' });
    expect(more({ others: [reader('shop-1', 60), reader('shop-2', 60)] })).toEqual({ answer: 'pass' });
  });

  test.each<[string, Parameters<typeof clusterReaders>[0], Partial<DatabaseFacts>]>([
    ['as many readers as the policy allows', { others: [1, 2, 3].map((i) => reader(`shop-${i}`)) }, {}],
    ['no reader', { others: [] }, {}],
    ['readers that are not busy', { others: [reader('shop-1', 90), reader('shop-2', 10)] }, {}],
    ['a writer that is busy too', { writer: reader('shop-0', 60) }, {}],
    ['no writer', { writer: null }, {}],
    ['another engine than that of Aurora', { engine: 'mysql' }, {}],
    ['a state that nobody brings it out of by a reader', {}, { state: 'inaccessible-encryption-credentials' }],
  ])('leaves a cluster with %s to a person', (_, change, cluster) => {
    expect(more(change, cluster)).toMatchObject({ answer: 'escalate' });
  });

  test.each<[string, Parameters<typeof clusterReaders>[0], Partial<DatabaseFacts>]>([
    ['that Aurora Auto Scaling sees to', { scaled: true }, {}],
    ['that RDS is at work on', {}, { state: 'upgrading' }],
    ['that is given a reader already', { others: [reader('shop-1'), reader('shop-9', null, 'creating')] }, {}],
    ['whose writer is rebooted', { writer: reader('shop-0', 20, 'rebooting') }, {}],
  ])('waits with a cluster %s', async (_, change, cluster) => {
    expect(await kindOf(more(change, cluster))).toBe('hold for now');
  });

  test('takes nothing that it can not see for busy, or for idle', () => {
    for (const change of [
      { others: [reader('shop-1'), reader('shop-2', null)] },
      { writer: reader('shop-0', null) },
      { others: [reader('shop-1', 85, 'unknown')] },
    ])
      expect(more(change)).toMatchObject({ answer: 'hold', unseen: true });
    expect(more({}, { state: 'unknown' })).toMatchObject({ answer: 'hold', unseen: true });
    const seen = facts({ instance: null, status: null, database: database({ members: clusterMembers() }) });
    expect(more({}, {}, { facts: seen })).toMatchObject({ answer: 'hold', unseen: true });
    expect(more({ like: null })).toMatchObject({ answer: 'hold' });
  });

  test('holds what the policy does not name, and what is not there', async () => {
    expect(await kindOf(more({}, {}, { policy }))).toBe('hold');
    expect(await kindOf(more({}, {}, { facts: facts({ instance: null, database: null }) }))).toBe('hold');
  });
});

const replicating = effective({ readers: { atMost: 3, instances: ['orders'] } });
const replicate = (
  change: Parameters<typeof instanceReplicas>[0] = {},
  seen: Partial<DatabaseFacts> = {},
  other: Partial<GuardInput> = {},
) =>
  asked(
    { replicas: instanceReplicas(change), ...seen },
    { action: addReplica, policy: replicating, incident: incident({ failure: 'load-saturated' }), ...other },
  );
const load = { cpu: 90, reads: 900, writes: 50, connections: 20 };

describe('database-ready, of read replicas', () => {
  test('passes one where the instance is busy with reads, and so are the replicas that it has', () => {
    expect(replicate()).toEqual({ answer: 'pass' });
    expect(replicate({ others: [], count: 0 })).toEqual({ answer: 'pass' });
    expect(replicate({ load: { ...load, writes: 225 } })).toEqual({ answer: 'pass' });
    expect(replicate({ load: { ...load, connections: 1 } })).toEqual({ answer: 'pass' });
    expect(replicate({ load: { ...load, cpu: 60 }, backupDays: 1, others: [reader('orders-r1', 60)] })).toEqual({ answer: 'pass' });
    for (const engine of ['mysql', 'mariadb', 'postgres']) expect(replicate({ engine })).toEqual({ answer: 'pass' });
  });

  test.each<[string, Parameters<typeof instanceReplicas>[0], Partial<DatabaseFacts>, RegExp]>([
    ['of another engine', { engine: 'oracle-ee' }, {}, /of MySQL/],
    ['of an engine that is no word of its own', { engine: 'constructor' }, {}, /of MySQL/],
    ['in a cluster', {}, { cluster: 'shop' }, /member of cluster/],
    ['that is a replica itself', { source: 'shop' }, {}, /replica of shop itself/],
    ['that failed', {}, { state: 'failed' }, /is failed/],
    ['without backups', { backupDays: 0 }, {}, /no backups/],
    ['with as many replicas as the policy allows, some elsewhere', { count: 3 }, {}, /the policy allows no more/],
    ['that is not busy', { load: { ...load, cpu: 59 } }, {}, /not busy/],
    ['that is busy with writes', { load: { ...load, writes: 226 } }, {}, /not on reads/],
    ['that reads nothing', { load: { ...load, reads: 0, writes: 0 } }, {}, /not on reads/],
    ['that nobody is connected to', { load: { ...load, connections: 0 } }, {}, /not on reads/],
    ['whose replica has nothing to do', { others: [reader('orders-r1', 10)] }, {}, /another is of no use/],
  ])('leaves an instance %s to a person', (_, change, seen, reason) => {
    expect(replicate(change, seen)).toMatchObject({ answer: 'escalate', reason: expect.stringMatching(reason) });
  });

  test.each<[string, Parameters<typeof instanceReplicas>[0], Partial<DatabaseFacts>]>([
    ['whose storage is optimized', {}, { state: 'storage-optimization' }],
    ['that is given a replica already', { others: [reader('orders-r1', null, 'creating')] }, {}],
    ['whose maintenance window is open', {}, { maintenanceWindow: 'fri:11:00-fri:12:05' }],
  ])('waits with an instance %s', (_, change, seen) => {
    expect(replicate(change, seen)).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each<[string, Parameters<typeof instanceReplicas>[0], Partial<DatabaseFacts>]>([
    ['the state', {}, { state: 'unknown' }],
    ['the backups', { backupDays: null }, {}],
    ['the state of a replica', { others: [reader('orders-r1', 85, 'unknown')] }, {}],
    ['the CPU of a replica', { others: [reader('orders-r1', null)] }, {}],
    ['the CPU of a replica in another region', { count: 2 }, {}],
    ...(['cpu', 'reads', 'writes', 'connections'] as const).map((key): [string, object, object] => [
      key,
      { load: { ...load, [key]: null } },
      {},
    ]),
  ])('takes nothing for well that it can not see: %s', (_, change, seen) => {
    expect(replicate(change, seen)).toMatchObject({ answer: 'hold', unseen: true });
  });

  test('holds what has pending changes, what a replica would be like that is not known, and what the policy does not name', async () => {
    const told = [
      replicate({}, { pending: ['DBInstanceClass'] }),
      replicate({}, { maintenanceWindow: null }),
      ...['class', 'public', 'zone'].map((key) => replicate({ [key]: null })),
      replicate({}, {}, { policy: reading }),
      replicate({}, { id: 'other' }),
      replicate({}, {}, { facts: facts({ instance: null, database: null }) }),
    ];
    expect(await Promise.all(told.map(kindOf))).toEqual(told.map(() => 'hold'));
  });
});

const hour = 60 * minute;
const growing = effective({ databases: { storage: { atMost: 500 } } });
const grow = (storage: Partial<StorageFacts> = {}, change: Partial<DatabaseFacts> = {}, more: Partial<GuardInput> = {}) =>
  asked({ storage: databaseStorage(storage), ...change }, { action: growStorage, policy: growing, ...more });

describe('database-ready, of storage', () => {
  test('lets it grow where RDS has not changed it for six hours, and in its maintenance window too', () => {
    expect(grow()).toEqual({ answer: 'pass' });
    expect(grow({ changedAt: noon - 6 * hour }, { state: 'storage-full', maintenanceWindow: 'fri:11:00-fri:13:00' })).toEqual({
      answer: 'pass',
    });
  });

  test.each<[string, Partial<StorageFacts>, Partial<DatabaseFacts>, Partial<GuardInput>]>([
    ['where the policy does not name it', {}, {}, { policy: effective({ databases: { reboot: 'on' } }) }],
    ['of a database that is not there', {}, {}, { facts: facts({ instance: null, database: null }) }],
    ['that was changed an hour ago, for good', { changedAt: noon - hour }, {}, {}],
    ['that would apply another change', { others: ['DBInstanceClass'] }, {}, {}],
  ])('holds a growth %s', (_, storage, change, more) => {
    const answer = grow(storage, change, more);
    expect(answer).toMatchObject({ answer: 'hold' });
    expect(answer).not.toHaveProperty('passing');
  });

  test('says when storage can be changed again, and waits where that is near', () => {
    expect(grow({ changedAt: noon - 5 * hour })).toMatchObject({
      answer: 'hold',
      reason: expect.stringContaining('at 13:00 UTC at the earliest'),
    });
    expect(grow({ changedAt: noon - 6 * hour + minute }, { state: 'storage-optimization' })).toMatchObject({
      answer: 'hold',
      passing: true,
      until: noon + minute,
    });
  });

  test.each<[string, Partial<StorageFacts>, Partial<DatabaseFacts>]>([
    ['RDS grows by itself', { growsTo: 500 }, {}],
    ['is being changed', { wanted: 110 }, { state: 'modifying' }],
    ['is being optimized', {}, { state: 'storage-optimization' }],
    ['is of what is being backed up', {}, { state: 'backing-up' }],
  ])('waits while it %s', (_, storage, change) => {
    expect(grow(storage, change)).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each<[string, Partial<StorageFacts>, Partial<DatabaseFacts>]>([
    ['that RDS has grown as far as it may', { growsTo: 100 }, {}],
    ['of a member of a cluster', {}, { cluster: 'shop' }],
    ['of what is stopped', {}, { state: 'stopped' }],
    ['that the policy allows no more of', { next: null }, {}],
    ['whose IOPS are not known', { iops: 'unknown' }, {}],
  ])('leaves storage %s to a person', (_, storage, change) => {
    expect(grow(storage, change)).toMatchObject({ answer: 'escalate' });
  });

  test('holds what it does not know', () => {
    expect(asked({}, { action: growStorage, policy: growing })).toMatchObject({ answer: 'hold', unseen: true });
    expect(grow({}, { state: 'unknown' })).toMatchObject({ answer: 'hold', unseen: true });
  });
});

const failing = effective({ databases: { failover: 'on' } });
const failOver = (members: Partial<ClusterMembers> = {}, change: Partial<DatabaseFacts> = {}, more: Partial<GuardInput> = {}) =>
  asked(
    { id: 'shop', members: clusterMembers(members), ...change },
    {
      action: failOverCluster,
      target: { type: 'database', id: 'shop' },
      policy: failing,
      incident: incident({ at: noon - 5 * minute }),
      ...more,
    },
  );
const writer = { id: 'shop-0', state: 'available', availabilityZone: 'us-east-1a', silentSince: noon - 2 * minute } as const;

describe('database-ready, of clusters', () => {
  test('lets one fail over that has been without a writer for two minutes', async () => {
    expect(await failOver()).toEqual({ answer: 'pass' });
  });

  test("leaves it to the service's own failover for two minutes", async () => {
    const young = { ...writer, state: 'failed', silentSince: null } as const;
    expect(await failOver({ writer: { ...writer, silentSince: noon - minute } })).toMatchObject({ answer: 'hold', until: noon + minute });
    expect(await failOver({ writer: young }, {}, { incident: incident({ at: noon - minute }) })).toMatchObject({ until: noon + minute });
    expect(await failOver({}, { state: 'failing-over' })).toMatchObject({ answer: 'hold', passing: true });
    expect(await failOver({ writer: { ...writer, state: 'rebooting' } })).toMatchObject({ answer: 'hold', passing: true });
  });

  test('waits for what an alarm may be ahead of: the metrics of a writer that it calls lost', async () => {
    const serves = { writer: { ...writer, silentSince: null } };
    expect(await failOver(serves, {}, { incident: incident({ at: noon - minute }) })).toMatchObject({
      answer: 'hold',
      until: noon + minute,
    });
    expect(await failOver(serves, {}, { incident: incident({ at: noon - 2 * minute }) })).toMatchObject({ answer: 'escalate' });
  });

  test.each<[string, Partial<ClusterMembers>, Partial<DatabaseFacts>, Partial<GuardInput>]>([
    ['where the policy does not name it', {}, {}, { policy: effective({ databases: { reboot: 'on' } }) }],
    ['in a state that it does not know', {}, { state: 'unknown' }, {}],
    ['without any metrics', { heard: false }, {}, {}],
    ['whose writer is in a state that it does not know', { writer: { ...writer, state: 'unknown' } }, {}, {}],
  ])('holds a failover of a cluster %s', async (_, members, change, more) => {
    expect(await failOver(members, change, more)).toMatchObject({ answer: 'hold' });
  });

  const lagging = (lag: number | null) => ({ readers: clusterMembers().readers.map((one) => ({ ...one, lag })) });
  test.each<[string, Partial<ClusterMembers>, Partial<DatabaseFacts>, Partial<GuardInput>]>([
    ['whose writer serves', { writer: { ...writer, silentSince: null } }, {}, {}],
    ['that has no writer', { writer: null }, {}, {}],
    ['that is stopped', {}, { state: 'stopped' }, {}],
    ['whose readers are behind', lagging(1000), {}, {}],
    ['whose readers can not be read', lagging(null), {}, {}],
  ])('leaves a cluster %s to a person', async (_, members, change, more) => {
    expect(await failOver(members, change, more)).toMatchObject({ answer: 'escalate' });
  });
});

describe('database-ready, of what it can not see of a failover', () => {
  const failing = effective({ databases: { failover: 'on' } });
  const fails = (change: Partial<DatabaseFacts> = {}, more: Partial<GuardInput> = {}) =>
    kindOf(asked({ id: 'shop', members: clusterMembers(), ...change }, { action: failOverCluster, policy: failing, ...more }));
  const writer = { id: 'shop-0', state: 'unknown', availabilityZone: 'us-east-1a', silentSince: noon - 20 * minute } as const;

  test('waits for it, and for nothing where the policy does not name it or there is no cluster', async () => {
    expect([
      await fails({ state: 'unknown' }),
      await fails({ members: clusterMembers({ heard: false }) }),
      await fails({ members: clusterMembers({ writer }) }),
      await fails({}, { policy }),
      await fails({}, { facts: facts({ instance: null, database: null }) }),
    ]).toEqual(['hold unseen', 'hold unseen', 'hold unseen', 'hold', 'hold']);
  });
});

describe('database-ready, of storage that is changed already', () => {
  test('waits while it is, and as long as a lease is waited for until RDS changes it again', async () => {
    const patience = growing.lease.patience * 1000;
    expect(await kindOf(grow({ wanted: 110 }))).toBe('hold for now');
    expect(await kindOf(grow({ changedAt: noon - 6 * hour + patience }))).toBe('hold until');
    expect(await kindOf(grow({ changedAt: noon - 6 * hour + patience + 1 }))).toBe('hold');
  });
});
