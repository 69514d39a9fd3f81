import { CloudWatchClient, GetMetricDataCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  DeleteDBInstanceCommand,
  FailoverDBClusterCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHost, type Host } from '../../local/testbed/host.ts';
import type { SwitchPosition } from '../../shared/ports/kill-switch.ts';
import type { Interim } from '../../shared/ports/reporter.ts';
import { removeReaders } from '../../shared/recovery/remove-readers.ts';
import { incident, policy } from '../remediation/examples.ts';

const start = Date.UTC(2026, 10, 20, 12);
const hour = 3_600_000;
const adding = { readers: { atMost: 5, calm: '4h' } };
const key = 'load-saturated-1';

let host: Host;
let told: Interim[];
let works: boolean;
const now = () => host.aws.world.clock.now();
const hours = (passed: number) => host.aws.advanceTo(now() + passed * hour);
const sweep = (named: Record<string, unknown> = adding, position: SwitchPosition = 'on', cloudWatch = host.clients.of(CloudWatchClient)) =>
  removeReaders({
    ...{ ledger: host.ledger, reporter: { interim: async (one: Interim) => tellPeople(one) } },
    ...{ readers: host.ledger, rds: host.clients.of(RDSClient), cloudWatch },
    ...{ killSwitch: { read: async () => position }, policy: policy(named), now },
  });
const tellPeople = (one: Interim) => {
  if (!works) throw new Error('SNS is away');
  told.push(one);
};
const rds = () => host.operator.of(RDSClient);
const stateOf = (id: string) => host.aws.rds.get('instance', id)?.status ?? null;
/** As the action does it. */
const add = async (id: string, tags: Record<string, string> = { 'selfheal:made-by': key }) => {
  await host.ledger.noteReader({ id, cluster: 'shop', alarm: 'shop-readers', incident: key, calmFrom: now() });
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const like = { DBClusterIdentifier: 'shop', DBInstanceClass: 'db.r7g.large', Engine: 'aurora-postgresql' };
  await rds().send(new CreateDBInstanceCommand({ DBInstanceIdentifier: id, ...like, Tags }));
};
const load = (percent: number) => host.aws.faults.inject({ fault: 'load-database', target: 'shop', percent, on: 'readers' });

beforeEach(async () => {
  host = await createHost({ seed: 1, start, account: '111122223333', region: 'us-east-1' });
  host.aws.rds.place({ id: 'shop', kind: 'cluster', tags: { selfheal: 'on' } });
  for (const [i, zone] of (['a', 'b', 'c'] as const).entries())
    host.aws.rds.place({ id: `shop-${i}`, kind: 'instance', cluster: 'shop', writer: i === 0, zone });
  await host.operator.cloudWatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: 'shop-readers', Namespace: 'AWS/RDS', MetricName: 'CPUUtilization', Statistic: 'Average' },
      Dimensions: [
        { Name: 'DBClusterIdentifier', Value: 'shop' },
        { Name: 'Role', Value: 'READER' },
      ],
      ...{ ComparisonOperator: 'GreaterThanThreshold', Threshold: 70, Period: 60, EvaluationPeriods: 3 },
    }),
  );
  [told, works] = [[], true];
  await host.ledger.open({ ...incident({ failure: 'load-saturated', resource: { type: 'database', id: 'shop' } }), key }, start);
  await host.aws.advanceTo(start + hour / 4);
  await add('shop-9');
});
afterEach(() => host.close());

describe('a reader that selfheal has added', () => {
  test('is taken away once it has been calm for long enough, and no other is', async () => {
    await hours(3);
    expect([await sweep(), stateOf('shop-9')]).toEqual([0, 'available']);
    await hours(2);
    expect([await sweep(), stateOf('shop-9')]).toEqual([1, 'deleting']);
    await hours(1);
    expect([await sweep(), await host.ledger.madeReaders()]).toEqual([0, []]);
    expect(['shop-0', 'shop-1', 'shop-2', 'shop-9'].map(stateOf)).toEqual(['available', 'available', 'available', null]);
  });

  test('is told of to people, without urgency, and noted on the incident that added it', async () => {
    await hours(5);
    await sweep();
    const text = 'reader shop-9 of cluster shop was taken away at';
    expect(told).toMatchObject([{ incident: key, severity: 'low', resource: { id: 'shop' }, reason: expect.stringContaining(text) }]);
    expect((await host.ledger.read(key))?.afterwards).toContain(text);
  });

  test('is told of by a later sweep where that fails, once', async () => {
    await hours(5);
    works = false;
    await expect(sweep()).rejects.toThrow('SNS is away');
    expect([stateOf('shop-9'), told]).toEqual(['deleting', []]);
    works = true;
    expect([await sweep(), await sweep(), told.length]).toEqual([1, 0, 1]);
  });

  test('stays while it is needed: the others would be busy without it, although the alarm is OK', async () => {
    const id = load(100);
    await hours(9);
    expect([await sweep(), stateOf('shop-9')]).toEqual([0, 'available']);
    host.aws.faults.end(id);
    await hours(5);
    expect([await sweep(), stateOf('shop-9')]).toEqual([1, 'deleting']);
  });

  test('stays for as long after its alarm was not OK', async () => {
    await hours(3);
    const id = load(285);
    await hours(0.2);
    host.aws.faults.end(id);
    await hours(3.5);
    expect([await sweep(), stateOf('shop-9')]).toEqual([0, 'available']);
    await hours(1);
    expect([await sweep(), stateOf('shop-9')]).toEqual([1, 'deleting']);
  });

  test('stays without an alarm that shows calm, and without metrics', async () => {
    await hours(5);
    await host.ledger.noteReader({ id: 'shop-9', cluster: 'shop', alarm: 'deleted', incident: key, calmFrom: start });
    expect(await sweep()).toBe(0);
    await host.ledger.noteReader({ id: 'shop-9', cluster: 'shop', alarm: null, incident: key, calmFrom: start });
    expect(await sweep()).toBe(0);
    await host.ledger.noteReader({ id: 'shop-9', cluster: 'shop', alarm: 'shop-readers', incident: key, calmFrom: start });
    const lost = host.aws.faults.inject({ fault: 'fail-call', service: 'cloudwatch', operation: 'GetMetricData' });
    await expect(sweep()).rejects.toThrow('1 readers could not be taken away: shop-9: ');
    host.aws.faults.end(lost);
    // Another reader came an hour ago: nobody knows yet what it bears.
    await rds().send(
      new CreateDBInstanceCommand({
        ...{ DBInstanceIdentifier: 'shop-3', DBClusterIdentifier: 'shop', DBInstanceClass: 'db.r7g.large', Engine: 'aurora-postgresql' },
      }),
    );
    await hours(1);
    expect([await sweep(), stateOf('shop-9')]).toEqual([0, 'available']);
  });

  test('stays once it takes writes, or is the last reader', async () => {
    await hours(5);
    await rds().send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'shop', TargetDBInstanceIdentifier: 'shop-9' }));
    await hours(5);
    expect([await sweep(), stateOf('shop-9')]).toEqual([0, 'available']);
    await rds().send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'shop', TargetDBInstanceIdentifier: 'shop-0' }));
    for (const id of ['shop-1', 'shop-2'])
      await rds().send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true }));
    await hours(5);
    expect([await sweep(), stateOf('shop-9')]).toEqual([0, 'available']);
  });

  test('is nobody else to touch: without its tag, or with that of another incident, it stays and is forgotten', async () => {
    const ResourceName = host.aws.world.arn('rds', 'db:shop-9');
    await rds().send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['selfheal:made-by'] }));
    await add('shop-8', { 'selfheal:made-by': 'load-saturated-2' });
    await hours(5);
    expect([await sweep(), stateOf('shop-9'), stateOf('shop-8'), await host.ledger.madeReaders()]).toEqual([
      ...[0, 'available', 'available', []],
    ]);
  });

  test('is one that the ledger knows: the tag alone is not enough', async () => {
    await host.ledger.forgetReader({ id: 'shop-9' });
    await hours(5);
    expect([await sweep(), stateOf('shop-9')]).toEqual([0, 'available']);
  });

  test('goes one at a time: the others have to be calm without it first', async () => {
    await add('shop-8');
    await hours(5);
    expect(await sweep()).toBe(1);
    await hours(3);
    expect(await sweep()).toBe(0);
    await hours(2);
    expect([await sweep(), stateOf('shop-8'), stateOf('shop-1')]).toEqual([1, 'deleting', 'available']);
  });

  test('stays where the policy does not name it, or is a dry run, the switch is off, or the cluster is busy, paused or has left', async () => {
    await hours(5);
    expect(await Promise.all([sweep({}), sweep({ ...adding, mode: 'dry-run' }), sweep(adding, 'off')])).toEqual([0, 0, 0]);
    host.aws.rds.change('cluster', 'shop', 'upgrading', { message: 'm', categories: [] });
    expect(await sweep()).toBe(0);
    host.aws.rds.change('cluster', 'shop', 'available', { message: 'm', categories: [] });
    const ResourceName = host.aws.world.arn('rds', 'cluster:shop');
    const Tags = [{ Key: 'selfheal:mode', Value: 'off' }];
    await rds().send(new AddTagsToResourceCommand({ ResourceName, Tags }));
    expect(await sweep()).toBe(0);
    await rds().send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['selfheal:mode'] }));
    const pause = { resource: { type: null, id: 'shop' }, at: now(), until: now() + hour, by: 'ana', because: 'a test' };
    await host.ledger.setPause(pause);
    expect(await sweep()).toBe(0);
    await host.ledger.endPause({ ...pause, held: 0, last: null });
    await rds().send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['selfheal'] }));
    expect([await sweep(), stateOf('shop-9')]).toEqual([0, 'available']);
  });

  test('is forgotten where it was never made, or is gone', async () => {
    await host.ledger.noteReader({ id: 'shop-7', cluster: 'shop', alarm: 'shop-readers', incident: key, calmFrom: start });
    await rds().send(new RemoveTagsFromResourceCommand({ ResourceName: host.aws.world.arn('rds', 'cluster:shop'), TagKeys: ['selfheal'] }));
    await hours(5);
    expect([await sweep(), (await host.ledger.madeReaders()).map(({ id }) => id)]).toEqual([0, ['shop-9']]);
  });
});

describe('a read replica that selfheal has added', () => {
  const arn = (id: string) => host.aws.world.arn('rds', `db:${id}`);
  const replicate = async (id: string, madeBy = key, more: object = {}) => {
    await host.ledger.noteReader({ id, cluster: 'orders', replica: true, alarm: 'shop-readers', incident: key, calmFrom: now() });
    const Tags = [{ Key: 'selfheal:made-by', Value: madeBy }];
    const input = { DBInstanceIdentifier: id, SourceDBInstanceIdentifier: 'orders', Tags, ...more };
    await rds().send(new CreateDBInstanceReadReplicaCommand(input));
  };
  beforeEach(async () => {
    await host.ledger.forgetReader({ id: 'shop-9' });
    host.aws.rds.place({ id: 'orders', kind: 'instance', engine: 'mysql', tags: { selfheal: 'on' } });
    await replicate('orders-9');
  });

  test('is taken away once it has been calm for long enough, the last one too, and people are told', async () => {
    await hours(3);
    expect([await sweep(), stateOf('orders-9')]).toEqual([0, 'available']);
    await hours(2);
    expect([await sweep(), stateOf('orders-9'), stateOf('orders')]).toEqual([1, 'deleting', 'available']);
    expect(told).toMatchObject([
      { incident: key, reason: expect.stringContaining('read replica orders-9 of database orders was taken away at') },
    ]);
    await hours(1);
    expect([await sweep(), await host.ledger.madeReaders()]).toEqual([0, []]);
  });

  test('stays while whoever would carry it is busy: its source, or the other replicas', async () => {
    const direct = host.aws.faults.inject({ fault: 'load-database', target: 'orders', percent: 50, on: 'reads' });
    await hours(9);
    expect([await sweep(), stateOf('orders-9')]).toEqual([0, 'available']);
    // From now on another replica would, whatever is asked of the source.
    host.aws.rds.place({ id: 'orders-1', kind: 'instance', engine: 'mysql', source: 'orders' });
    await hours(5);
    const shared = host.aws.faults.inject({ fault: 'load-database', target: 'orders', percent: 70, on: 'readers' });
    await hours(1);
    expect([await sweep(), stateOf('orders-9')]).toEqual([0, 'available']);
    for (const id of [direct, shared]) host.aws.faults.end(id);
    await hours(5);
    expect([await sweep(), stateOf('orders-9'), stateOf('orders-1')]).toEqual([1, 'deleting', 'available']);
  });

  test('stays as long as something replicates from it, or it is protected, or its source is busy or has left', async () => {
    host.aws.rds.place({ id: 'orders-below', kind: 'instance', engine: 'mysql', source: 'orders-9' });
    await hours(5);
    expect(await sweep()).toBe(0);
    await rds().send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'orders-below', SkipFinalSnapshot: true }));
    await hours(1);
    const protect = (DeletionProtection: boolean) =>
      rds().send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders-9', DeletionProtection }));
    await protect(true);
    expect(await sweep()).toBe(0);
    await protect(false);
    host.aws.rds.change('instance', 'orders', 'upgrading', { message: 'm', categories: [] });
    expect(await sweep()).toBe(0);
    host.aws.rds.change('instance', 'orders', 'available', { message: 'm', categories: [] });
    await rds().send(new RemoveTagsFromResourceCommand({ ResourceName: arn('orders'), TagKeys: ['selfheal'] }));
    expect([await sweep(), stateOf('orders-9')]).toEqual([0, 'available']);
    await rds().send(new AddTagsToResourceCommand({ ResourceName: arn('orders'), Tags: [{ Key: 'selfheal', Value: 'on' }] }));
    expect([await sweep(), stateOf('orders-9')]).toEqual([1, 'deleting']);
  });

  test('stays where somebody promotes it while its metrics are read', async () => {
    await hours(5);
    const cloudWatch = host.clients.of(CloudWatchClient);
    const meanwhile = {
      send: async (command: Parameters<typeof cloudWatch.send>[0]) => {
        const answer = await cloudWatch.send(command);
        if (!(command instanceof GetMetricDataCommand)) return answer;
        await rds().send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'orders-9' }));
        await hours(1);
        return answer;
      },
    } as typeof cloudWatch;
    expect([await sweep(adding, 'on', meanwhile), stateOf('orders-9')]).toEqual([0, 'available']);
  });

  test('is nobody else to touch: promoted, without its tag, with that of another incident, or of another source, it stays and is forgotten', async () => {
    host.aws.rds.place({ id: 'other', kind: 'instance', engine: 'mysql', tags: { selfheal: 'on' } });
    await replicate('orders-8', 'load-saturated-2');
    await replicate('orders-7');
    await replicate('orders-6', key, { SourceDBInstanceIdentifier: 'other' });
    await hours(1);
    await rds().send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'orders-9' }));
    await rds().send(new RemoveTagsFromResourceCommand({ ResourceName: arn('orders-7'), TagKeys: ['selfheal:made-by'] }));
    await hours(6);
    expect([await sweep(), await host.ledger.madeReaders()]).toEqual([0, []]);
    expect(['orders-9', 'orders-8', 'orders-7', 'orders-6'].map(stateOf)).toEqual(['available', 'available', 'available', 'available']);
  });
});
