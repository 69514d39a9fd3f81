import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DescribeDBClusterEndpointsCommand,
  FailoverDBClusterCommand,
  ListTagsForResourceCommand,
  RebootDBInstanceCommand,
  waitUntilDBClusterAvailable,
  waitUntilDBClusterDeleted,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { minute, type RdsWorld, rdsWorld, region } from './world.ts';

const DBClusterIdentifier = 'shop';

let world: RdsWorld;
const failOver = (TargetDBInstanceIdentifier?: string) =>
  world.rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier, TargetDBInstanceIdentifier }));
const createReader = (more = {}) =>
  world.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'shop-9',
      DBInstanceClass: 'db.r7g.large',
      Engine: 'aurora-postgresql',
      DBClusterIdentifier,
      ...more,
    }),
  );
const lose = (more: { loss?: 'process' | 'zone' | 'storage'; failsOver?: boolean } = {}) =>
  world.aws.faults.inject({ fault: 'lose-writer', target: DBClusterIdentifier, ...more });

beforeEach(() => {
  world = rdsWorld();
  world.placeCluster(DBClusterIdentifier);
});
afterEach(() => world.aws.close());

describe('a failover that is asked for', () => {
  test('lets the reader that is named take writes, and the writer read', async () => {
    const before = await world.cluster(DBClusterIdentifier);
    expect((await failOver('shop-2')).DBCluster?.Status).toBe('failing-over');
    expect(await refusal(failOver())).toMatchObject({ code: 'InvalidDBClusterStateFault', status: 400 });
    const { state } = await waitUntilDBClusterAvailable(world.waiting, { DBClusterIdentifier });
    expect(state).toBe('SUCCESS');
    const after = await world.cluster(DBClusterIdentifier);
    expect(after).toMatchObject({
      Status: 'available',
      writers: ['shop-2'],
      Endpoint: before.Endpoint,
      ReaderEndpoint: before.ReaderEndpoint,
    });
    expect(after.DBClusterMembers).toHaveLength(3);
    expect(world.numbers(DBClusterIdentifier)).toEqual(['0073', '0071']);
    expect(await world.events(DBClusterIdentifier, 'db-cluster')).toEqual([
      'Started cross AZ failover to DB instance: shop-2',
      'Completed failover to DB instance: shop-2',
    ]);
    await world.pass(3 * minute);
    expect(world.aws.rds.get('instance', 'shop-0')).toMatchObject({ serves: true, status: 'available' });
  });

  test('chooses another zone where none is named, and says so where there is but one', async () => {
    world.placeCluster('near', 0);
    for (const [id, zone] of [
      ['near-1', 'a'],
      ['near-2', 'b'],
    ] as const)
      world.aws.rds.place({ id, kind: 'instance', cluster: 'near', zone });
    await world.rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'near' }));
    expect(await world.events('near', 'db-cluster')).toEqual(['Started cross AZ failover to DB instance: near-2']);
    await failOver();
    await world.pass(minute);
    expect((await world.cluster(DBClusterIdentifier)).writers).toEqual(['shop-1']);
    world.aws.rds.place({ id: 'flat', kind: 'cluster' });
    world.aws.rds.place({ id: 'flat-0', kind: 'instance', cluster: 'flat', writer: true });
    world.aws.rds.place({ id: 'flat-1', kind: 'instance', cluster: 'flat' });
    await world.rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'flat' }));
    expect(world.numbers('flat')).toEqual(['0072']);
  });

  test('is refused for what is no reader of the cluster, and where there is none', async () => {
    world.placeCluster('lone', 0);
    for (const [id, code] of [
      ['shop-0', 'InvalidDBInstanceStateFault'],
      ['lone-0', 'InvalidDBInstanceStateFault'],
      ['none', 'DBInstanceNotFoundFault'],
    ] as const)
      expect(await refusal(failOver(id))).toMatchObject({ code });
    const lone = world.rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'lone' }));
    expect(await refusal(lone)).toMatchObject({ code: 'InvalidDBClusterStateFault' });
    const none = world.rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'none' }));
    expect(await refusal(none)).toMatchObject({ code: 'DBClusterNotFoundFault', status: 404 });
  });

  test('fails where the reader is gone by then, and the writer stays', async () => {
    await failOver('shop-1');
    await world.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'shop-1' }));
    world.aws.faults.inject({ fault: 'lose-writer', target: 'shop-1', loss: 'zone', failsOver: false });
    await world.pass(minute);
    expect(await world.cluster(DBClusterIdentifier)).toMatchObject({ Status: 'available', writers: ['shop-0'] });
    expect(world.numbers(DBClusterIdentifier)).toEqual(['0073', '0069']);
  });
});

describe('a writer that is lost', () => {
  test.each(['process', 'zone', 'storage'] as const)('is replaced by a reader within a minute and a bit: %s', async (loss) => {
    lose({ loss });
    expect(world.aws.rds.get('cluster', DBClusterIdentifier)).toMatchObject({ serves: false, writer: 'shop-0' });
    await world.pass(70_000);
    expect(world.aws.rds.get('cluster', DBClusterIdentifier)).toMatchObject({ serves: true, writer: 'shop-1', zone: `${region}b` });
    await world.pass(5 * minute);
    // Only what lost its process comes back before all is well.
    expect(world.aws.rds.get('instance', 'shop-0')?.serves).toBe(loss === 'process');
    expect((await world.instance('shop-0')).DBInstanceStatus).toBe(loss === 'storage' ? 'failed' : 'available');
  });

  test('takes every member with it that is in a zone that is lost', async () => {
    world.aws.rds.place({ id: 'shop-3', kind: 'instance', cluster: DBClusterIdentifier, zone: 'a' });
    const id = lose({ loss: 'zone' });
    const serve = () => ['shop-0', 'shop-1', 'shop-3'].map((one) => world.aws.rds.get('instance', one)?.serves);
    await world.pass(3 * minute);
    expect(serve()).toEqual([false, true, false]);
    world.aws.faults.end(id);
    expect(serve()).toEqual([true, true, true]);
  });

  test('comes back as a reader when what it lost is there again', async () => {
    const id = lose({ loss: 'storage' });
    await world.pass(5 * minute);
    world.aws.faults.end(id);
    expect(world.aws.rds.get('instance', 'shop-0')).toMatchObject({ serves: true, status: 'available' });
    expect((await world.cluster(DBClusterIdentifier)).writers).toEqual(['shop-1']);
  });

  test('leaves the cluster without one where RDS does nothing, until somebody does', async () => {
    lose({ failsOver: false });
    await world.pass(10 * minute);
    expect(world.aws.rds.get('cluster', DBClusterIdentifier)).toMatchObject({ serves: false, writer: 'shop-0' });
    expect(await world.metric('DatabaseConnections', { DBInstanceIdentifier: 'shop-0' })).toEqual([]);
    expect(await world.metric('DatabaseConnections', { DBClusterIdentifier, Role: 'WRITER' })).toEqual([]);
    await failOver('shop-1');
    await world.pass(minute);
    expect(world.aws.rds.get('cluster', DBClusterIdentifier)).toMatchObject({ serves: true, writer: 'shop-1' });
  });

  test('restarts where there is no reader', async () => {
    world.placeCluster('lone', 0);
    world.aws.faults.inject({ fault: 'lose-writer', target: 'lone' });
    await world.pass(3 * minute);
    expect(world.aws.rds.get('cluster', 'lone')).toMatchObject({ serves: true, writer: 'lone-0' });
  });
});

describe('a reader', () => {
  test('is added with tags in the zone that has the fewest, and takes its part of what is read', async () => {
    world.aws.faults.inject({ fault: 'load-database', target: DBClusterIdentifier, percent: 120, on: 'readers' });
    world.aws.faults.inject({ fault: 'load-database', target: DBClusterIdentifier, percent: 30, on: 'writer' });
    await world.pass(5 * minute);
    const cpu = async (dimensions: Record<string, string>, Stat = 'Average') =>
      Math.round((await world.metric('CPUUtilization', dimensions, { Stat })).at(-1) ?? -1);
    const idle = (await cpu({ DBInstanceIdentifier: 'shop-0' })) - 30;
    expect(await cpu({ DBClusterIdentifier, Role: 'READER' })).toBe(idle + 60);
    const { DBInstance } = await createReader({ Tags: [{ Key: 'made-by', Value: 'us' }] });
    expect(DBInstance).toMatchObject({ DBInstanceStatus: 'creating', DBClusterIdentifier, AvailabilityZone: `${region}a` });
    await waitUntilDBInstanceAvailable(world.waiting, { DBInstanceIdentifier: 'shop-9' });
    await world.pass(5 * minute);
    expect(await cpu({ DBClusterIdentifier, Role: 'READER' })).toBe(idle + 40);
    expect(await cpu({ DBClusterIdentifier, Role: 'WRITER' })).toBe(idle + 30);
    expect(await cpu({ DBClusterIdentifier }, 'SampleCount')).toBe(4);
    expect(world.numbers('shop-9')).toEqual(['0005']);
    const { TagList } = await world.rds.send(new ListTagsForResourceCommand({ ResourceName: DBInstance?.DBInstanceArn }));
    expect(TagList).toEqual([{ Key: 'made-by', Value: 'us' }]);
    await world.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'shop-9' }));
    expect(await refusal(createReader())).toMatchObject({ code: 'DBInstanceAlreadyExistsFault' });
    await waitUntilDBInstanceDeleted(world.waiting, { DBInstanceIdentifier: 'shop-9' });
    expect(await refusal(world.instance('shop-9'))).toMatchObject({ code: 'DBInstanceNotFoundFault', status: 404 });
    expect((await world.cluster(DBClusterIdentifier)).DBClusterMembers).toHaveLength(3);
    // What is gone is still answered for.
    expect((await world.metric('CPUUtilization', { DBInstanceIdentifier: 'shop-9' }, { minutes: 30 })).length).toBeGreaterThan(3);
  });

  test('is refused with another engine, in a cluster that doesn’t exist, or by a name that is none', async () => {
    expect(await refusal(createReader({ Engine: 'postgres' }))).toMatchObject({ code: 'InvalidParameterCombination' });
    expect(await refusal(createReader({ DBClusterIdentifier: 'none' }))).toMatchObject({ code: 'DBClusterNotFoundFault' });
    expect(await refusal(createReader({ DBInstanceIdentifier: 'shop--9' }))).toMatchObject({ code: 'InvalidParameterValue' });
    expect(await refusal(createReader({ DBInstanceIdentifier: 'shop-1' }))).toMatchObject({ code: 'DBInstanceAlreadyExistsFault' });
  });

  test('that falls behind is told by itself in milliseconds, by the writer, and by the role', async () => {
    const id = world.aws.faults.inject({ fault: 'lag-replica', target: 'shop-1', seconds: 2, perMinute: 6 });
    await world.pass(10 * minute);
    const own = (await world.metric('AuroraReplicaLag', { DBInstanceIdentifier: 'shop-1' })).at(-1) ?? 0;
    expect(own).toBeGreaterThan(50_000);
    expect((await world.metric('AuroraReplicaLag', { DBInstanceIdentifier: 'shop-2' })).at(-1)).toBe(20);
    expect((await world.metric('AuroraReplicaLagMaximum', { DBInstanceIdentifier: 'shop-0' })).at(-1)).toBe(own);
    const maximum = { Stat: 'Maximum' };
    expect((await world.metric('AuroraReplicaLag', { DBClusterIdentifier, Role: 'READER' }, maximum)).at(-1)).toBe(own);
    expect(await world.metric('AuroraReplicaLag', { DBInstanceIdentifier: 'shop-0' })).toEqual([]);
    world.aws.faults.end(id);
    await world.pass(5 * minute);
    expect((await world.metric('AuroraReplicaLag', { DBInstanceIdentifier: 'shop-1' })).at(-1)).toBe(20);
    expect(() => world.aws.faults.inject({ fault: 'lag-replica', target: 'shop-0' })).toThrow(RangeError);
  });

  test('takes over when the writer is deleted', async () => {
    await world.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'shop-0' }));
    await world.pass(10 * minute);
    const { DBClusterMembers, writers } = await world.cluster(DBClusterIdentifier);
    expect(writers).toEqual(['shop-1']);
    expect(DBClusterMembers).toHaveLength(2);
  });
});

test('a cluster is created, gets its members, and is deleted after them', async () => {
  const id = { DBClusterIdentifier: 'carts' };
  const Engine = 'aurora-mysql';
  await world.rds.send(new CreateDBClusterCommand({ ...id, Engine, Tags: [{ Key: 'team', Value: 'shop' }] }));
  expect(await world.cluster('carts')).toMatchObject({ Status: 'creating', TagList: [{ Key: 'team', Value: 'shop' }] });
  const again = world.rds.send(new CreateDBClusterCommand({ ...id, Engine }));
  expect(await refusal(again)).toMatchObject({ code: 'DBClusterAlreadyExistsFault' });
  for (const DBInstanceIdentifier of ['carts-0', 'carts-1'])
    await world.rds.send(new CreateDBInstanceCommand({ ...id, DBInstanceIdentifier, DBInstanceClass: 'db.r7g.large', Engine }));
  await waitUntilDBClusterAvailable(world.waiting, id);
  await waitUntilDBInstanceAvailable(world.waiting, { DBInstanceIdentifier: 'carts-1' });
  expect((await world.cluster('carts')).writers).toEqual(['carts-0']);
  const remove = () => world.rds.send(new DeleteDBClusterCommand({ ...id, SkipFinalSnapshot: true }));
  expect(await refusal(remove())).toMatchObject({
    code: 'InvalidDBClusterStateFault',
    message: expect.stringMatching(/still contains DB instances/),
  });
  await world.pass(10 * minute);
  for (const DBInstanceIdentifier of ['carts-0', 'carts-1']) await world.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier }));
  await remove();
  await waitUntilDBClusterDeleted(world.waiting, id);
  expect(await refusal(world.cluster('carts'))).toMatchObject({ code: 'DBClusterNotFoundFault' });
  expect(world.numbers('carts')).toEqual(expect.arrayContaining(['0170', '0171']));
});

test('a cluster has an endpoint for its writer and one for its readers', async () => {
  const { DBClusterEndpoints } = await world.rds.send(new DescribeDBClusterEndpointsCommand({ DBClusterIdentifier }));
  const { Endpoint, ReaderEndpoint } = await world.cluster(DBClusterIdentifier);
  expect(DBClusterEndpoints).toMatchObject([
    { EndpointType: 'WRITER', Endpoint, Status: 'available' },
    { EndpointType: 'READER', Endpoint: ReaderEndpoint, Status: 'available' },
  ]);
});
