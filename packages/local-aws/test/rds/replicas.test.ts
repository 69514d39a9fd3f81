import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribePendingMaintenanceActionsCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  paginateDescribeDBInstances,
  RebootDBInstanceCommand,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { hour, minute, type RdsWorld, rdsWorld, region, start } from './world.ts';

const replica = { DBInstanceIdentifier: 'orders-r1' };

let world: RdsWorld;
const reboot = (DBInstanceIdentifier: string, more = {}) => world.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier, ...more }));
const lag = async () => (await world.metric('ReplicaLag', replica)).at(-1);

beforeEach(() => {
  world = rdsWorld();
  world.aws.rds.place({ id: 'orders', kind: 'instance', tags: { team: 'shop' } });
  world.aws.rds.place({ id: 'orders-r1', kind: 'instance', source: 'orders', multiAz: false });
});
afterEach(() => world.aws.close());

describe('a read replica', () => {
  test('names its source and is named by it, from when it is created until it is deleted', async () => {
    const created = { DBInstanceIdentifier: 'orders-r2', SourceDBInstanceIdentifier: 'orders' };
    await world.rds.send(new CreateDBInstanceReadReplicaCommand({ ...created, AvailabilityZone: `${region}c` }));
    await waitUntilDBInstanceAvailable(world.waiting, { DBInstanceIdentifier: 'orders-r2' });
    expect(await world.instance('orders-r2')).toMatchObject({
      ReadReplicaSourceDBInstanceIdentifier: 'orders',
      AvailabilityZone: `${region}c`,
      StatusInfos: [{ StatusType: 'read replication', Normal: true, Status: 'replicating' }],
    });
    expect((await world.instance('orders')).ReadReplicaDBInstanceIdentifiers).toEqual(['orders-r1', 'orders-r2']);
    expect(world.numbers('orders-r2')).toEqual(['0005', '0046']);
    await world.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'orders-r2' }));
    await waitUntilDBInstanceDeleted(world.waiting, { DBInstanceIdentifier: 'orders-r2' });
    expect((await world.instance('orders')).ReadReplicaDBInstanceIdentifiers).toEqual(['orders-r1']);
  });

  test('is made of what has backups, up to fifteen, like its source where nothing else is asked', async () => {
    const make = (DBInstanceIdentifier: string, more: object = {}) =>
      world.rds.send(new CreateDBInstanceReadReplicaCommand({ DBInstanceIdentifier, SourceDBInstanceIdentifier: 'orders', ...more }));
    const keep = (BackupRetentionPeriod: number) =>
      world.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'bare', BackupRetentionPeriod }));
    world.aws.rds.place({ id: 'bare', kind: 'instance', backupDays: 0 });
    const none = make('bare-r1', { SourceDBInstanceIdentifier: 'bare' });
    expect(await refusal(none)).toMatchObject({
      code: 'InvalidDBInstanceStateFault',
      message: expect.stringMatching(/^Automated backups/),
    });
    await keep(1);
    await make('bare-r1', { SourceDBInstanceIdentifier: 'bare' });
    expect((await refusal(keep(0))).message).toContain('read replicas');
    await make('orders-r2', { PubliclyAccessible: true });
    expect(await world.instance('orders-r2')).toMatchObject({ BackupRetentionPeriod: 0, PubliclyAccessible: true });
    expect(await world.instance('orders')).toMatchObject({ BackupRetentionPeriod: 7, PubliclyAccessible: false });
    for (let i = 3; i <= 15; i++) await make(`orders-r${i}`);
    expect((await refusal(make('orders-r16'))).message).toContain('15 read replicas');
    expect(await refusal(make('orders-r2'))).toMatchObject({ code: 'DBInstanceAlreadyExistsFault' });
    const kept = { SkipFinalSnapshot: false, FinalDBSnapshotIdentifier: 'last' };
    const removed = world.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'orders-r1', ...kept }));
    expect((await refusal(removed)).message).toContain('a read replica');
  });

  test('takes what is read from its source by whoever finds it, and nothing of what is written or asked of the source alone', async () => {
    const busy = (on: 'readers' | 'reads' | 'writer') =>
      world.aws.faults.inject({ fault: 'load-database', target: 'orders', percent: 60, on });
    const now = async (id: string) =>
      Promise.all(
        ['CPUUtilization', 'ReadIOPS', 'WriteIOPS'].map(async (name) =>
          Math.round((await world.metric(name, { DBInstanceIdentifier: id })).at(-1) ?? 0),
        ),
      );
    const during = async (on: 'readers' | 'reads' | 'writer') => {
      const id = busy(on);
      await world.pass(5 * minute);
      const seen = [await now('orders'), await now('orders-r1')];
      world.aws.faults.end(id);
      return seen;
    };
    const [idle, loaded] = [
      [6, 56, 50],
      [66, 656, 50],
    ];
    expect(await during('readers')).toEqual([idle, loaded]);
    expect(await during('reads')).toEqual([loaded, idle]);
    expect(await during('writer')).toEqual([[66, 656, 650], idle]);
  });

  test('falls behind until it is rebooted, and then catches up', async () => {
    world.aws.faults.inject({ fault: 'lag-replica', target: 'orders-r1', seconds: 60, perMinute: 30 });
    await world.pass(10 * minute);
    expect(await lag()).toBeGreaterThan(300);
    await reboot('orders-r1');
    await world.pass(10 * minute);
    expect(await lag()).toBe(0);
    expect(await world.metric('ReplicaLag', { DBInstanceIdentifier: 'orders' })).toEqual([]);
  });

  test('goes on falling behind after a reboot where that doesn’t help', async () => {
    world.aws.faults.inject({ fault: 'lag-replica', target: 'orders-r1', perMinute: 30, survives: true });
    await world.pass(10 * minute);
    await reboot('orders-r1');
    await world.pass(10 * minute);
    expect(await lag()).toBeGreaterThan(500);
  });

  test('may have a lag that nobody can read', async () => {
    await world.pass(5 * minute);
    world.aws.faults.inject({ fault: 'lag-replica', target: 'orders-r1', state: 'unreadable' });
    await world.pass(10 * minute);
    expect(await world.metric('ReplicaLag', replica)).toEqual([]);
    expect(await world.metric('CPUUtilization', replica)).not.toEqual([]);
  });

  test('that replicates nothing says so by -1, by its status and by an event', async () => {
    const id = world.aws.faults.inject({ fault: 'lag-replica', target: 'orders-r1', state: 'stopped' });
    await world.pass(5 * minute);
    expect(await lag()).toBe(-1);
    expect((await world.instance('orders-r1')).StatusInfos).toMatchObject([{ Normal: false, Status: 'error' }]);
    world.aws.faults.end(id);
    expect(world.numbers('orders-r1')).toEqual(['0045', '0046']);
  });

  test('stands alone once it is promoted', async () => {
    await world.rds.send(new PromoteReadReplicaCommand(replica));
    expect((await world.instance('orders-r1')).DBInstanceStatus).toBe('modifying');
    await world.pass(30_000);
    await waitUntilDBInstanceAvailable(world.waiting, replica);
    expect((await world.instance('orders-r1')).ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect((await world.instance('orders')).ReadReplicaDBInstanceIdentifiers).toEqual([]);
    expect(world.numbers('orders-r1')).toEqual(['0004', '0006', '0001', '0002']);
    expect(await refusal(world.rds.send(new PromoteReadReplicaCommand(replica)))).toMatchObject({
      code: 'InvalidDBInstanceStateFault',
      message: 'DB Instance is not a read replica.',
    });
  });

  test('stands alone once its source is deleted', async () => {
    const remove = (more: object) => world.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'orders', ...more }));
    expect((await refusal(remove({}))).message).toMatch(/FinalDBSnapshotIdentifier is required/);
    await remove({ SkipFinalSnapshot: true });
    expect(await refusal(remove({ SkipFinalSnapshot: true }))).toMatchObject({ code: 'InvalidDBInstanceStateFault' });
    await world.pass(10 * minute);
    expect((await world.instance('orders-r1')).ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect(await world.events('orders')).toEqual(['DB instance deleted']);
  });
});

describe('an instance', () => {
  test('fails over by a reboot, with the events of it', async () => {
    await reboot('orders', { ForceFailover: true });
    await world.pass(3 * minute);
    expect(await world.instance('orders')).toMatchObject({ AvailabilityZone: `${region}b`, SecondaryAvailabilityZone: `${region}a` });
    expect(world.numbers('orders')).toEqual(['0013', '0004', '0006', '0049']);
  });

  test('is taken over by its standby when its zone is lost, and stays away where it has none', async () => {
    world.aws.faults.inject({ fault: 'lose-writer', target: 'orders', loss: 'zone' });
    const id = world.aws.faults.inject({ fault: 'lose-writer', target: 'orders-r1', loss: 'zone' });
    expect(world.aws.rds.get('instance', 'orders')?.serves).toBe(false);
    await world.pass(2 * minute);
    expect(world.aws.rds.get('instance', 'orders')).toMatchObject({ serves: true, zone: `${region}b` });
    expect(world.numbers('orders')).toEqual(['0013', '0006', '0049']);
    await reboot('orders-r1');
    await world.pass(5 * minute);
    expect(world.aws.rds.get('instance', 'orders-r1')).toMatchObject({ serves: false, status: 'rebooting' });
    world.aws.faults.end(id);
    expect(world.aws.rds.get('instance', 'orders-r1')).toMatchObject({ serves: true, status: 'available' });
  });

  test('doesn’t start with a bad parameter until that is corrected and it is rebooted', async () => {
    const id = world.aws.faults.inject({ fault: 'break-parameters', target: 'orders' });
    await world.pass(3 * minute);
    expect((await world.instance('orders')).DBInstanceStatus).toBe('incompatible-parameters');
    expect((await world.events('orders')).at(-1)).toMatch(/^Database instance put into incompatible-parameters\. /);
    await reboot('orders');
    await world.pass(3 * minute);
    expect((await world.instance('orders')).DBInstanceStatus).toBe('incompatible-parameters');
    world.aws.faults.end(id);
    await reboot('orders');
    await world.pass(3 * minute);
    expect(await world.instance('orders')).toMatchObject({
      DBInstanceStatus: 'available',
      DBParameterGroups: [{ ParameterApplyStatus: 'in-sync' }],
    });
  });

  test('uses another parameter group from its next restart on', async () => {
    const DBInstanceIdentifier = 'orders';
    await world.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, DBParameterGroupName: 'tuned' }));
    const groups = async () => (await world.instance(DBInstanceIdentifier)).DBParameterGroups;
    expect(await groups()).toEqual([{ DBParameterGroupName: 'tuned', ParameterApplyStatus: 'pending-reboot' }]);
    await reboot(DBInstanceIdentifier);
    await world.pass(3 * minute);
    expect(await groups()).toEqual([{ DBParameterGroupName: 'tuned', ParameterApplyStatus: 'in-sync' }]);
    expect(world.numbers(DBInstanceIdentifier)).toEqual(['0011', '0004', '0006']);
    const { DBParameterGroups } = await world.rds.send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName: 'tuned' }));
    expect(DBParameterGroups).toMatchObject([{ DBParameterGroupName: 'tuned' }]);
    const none = world.rds.send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName: 'none' }));
    expect(await refusal(none)).toMatchObject({ code: 'DBParameterGroupNotFoundFault', status: 404 });
  });

  test('announces maintenance, and is down for it', async () => {
    world.aws.faults.inject({ fault: 'maintain-database', target: 'orders', inSeconds: 3600, seconds: 600 });
    const pending = async () => {
      const { PendingMaintenanceActions } = await world.rds.send(new DescribePendingMaintenanceActionsCommand({}));
      return PendingMaintenanceActions;
    };
    expect(await pending()).toMatchObject([
      {
        ResourceIdentifier: expect.stringMatching(/:db:orders$/),
        PendingMaintenanceActionDetails: [{ Action: 'system-update', CurrentApplyDate: new Date(start + hour) }],
      },
    ]);
    await world.pass(hour + minute);
    expect((await world.instance('orders')).DBInstanceStatus).toBe('maintenance');
    await world.pass(10 * minute);
    expect((await world.instance('orders')).DBInstanceStatus).toBe('available');
    expect(await pending()).toEqual([]);
    expect(world.numbers('orders')).toEqual(['0230', '0026', '0006', '0027']);
  });

  test('has its new class after a restart, and its second zone without one', async () => {
    await world.rds.send(
      new ModifyDBInstanceCommand({ ...replica, DBInstanceClass: 'db.r7g.xlarge', MultiAZ: true, ApplyImmediately: true }),
    );
    await world.pass(20 * minute);
    expect(await world.instance('orders-r1')).toMatchObject({
      DBInstanceClass: 'db.r7g.xlarge',
      MultiAZ: true,
      DBInstanceStatus: 'available',
    });
    expect(world.numbers('orders-r1')).toEqual(['0012', '0006', '0014', '0024', '0025']);
  });

  test('is slower the more is asked of it, and what it can’t do waits', async () => {
    const figures = async () => {
      const newest = async (name: string) => (await world.metric(name, { DBInstanceIdentifier: 'orders' })).at(-1) ?? Number.NaN;
      const [cpu = 0, latency = 0, load = 0] = await Promise.all(['CPUUtilization', 'ReadLatency', 'DBLoad'].map(newest));
      return { cpu, latency, load };
    };
    await world.pass(5 * minute);
    const idle = await figures();
    world.aws.faults.inject({ fault: 'load-database', target: 'orders', percent: 150 });
    await world.pass(5 * minute);
    const busy = await figures();
    expect(busy.cpu).toBe(100);
    expect(busy.latency).toBeGreaterThan(10 * idle.latency);
    expect(busy.load).toBeCloseTo(idle.load + 3);
  });

  test('serves nobody and tells nothing in a state in which its engine does not work', async () => {
    world.aws.rds.place({ id: 'old', kind: 'instance', status: 'stopped' });
    await world.pass(5 * minute);
    expect(world.aws.rds.get('instance', 'old')?.serves).toBe(false);
    expect(await world.metric('CPUUtilization', { DBInstanceIdentifier: 'old' })).toEqual([]);
    expect(await refusal(reboot('old'))).toMatchObject({ code: 'InvalidDBInstanceStateFault' });
  });

  test('is created, backed up, and available', async () => {
    const DBInstanceIdentifier = 'carts';
    const create = new CreateDBInstanceCommand({
      DBInstanceIdentifier,
      DBInstanceClass: 'db.t4g.small',
      Engine: 'mysql',
      AllocatedStorage: 20,
      MaxAllocatedStorage: 100,
    });
    const { DBInstance } = await world.rds.send(create);
    expect(DBInstance).toMatchObject({ DBInstanceStatus: 'creating', AllocatedStorage: 20, MaxAllocatedStorage: 100, MultiAZ: false });
    expect(DBInstance?.Endpoint).toBeUndefined();
    await waitUntilDBInstanceAvailable(world.waiting, { DBInstanceIdentifier });
    expect((await world.instance(DBInstanceIdentifier)).Endpoint).toMatchObject({ Port: 3306 });
    expect(world.numbers(DBInstanceIdentifier)).toEqual(['0005', '0001', '0002']);
  });

  test('is not deleted while it is protected', async () => {
    const DBInstanceIdentifier = 'orders';
    await world.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, DeletionProtection: true }));
    const remove = new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true });
    expect((await refusal(world.rds.send(remove))).message).toMatch(/disable deletion protection and try again/);
  });

  test('is found by pages and by filters', async () => {
    for (let i = 0; i < 30; i++) world.aws.rds.place({ id: `more-${i}`, kind: 'instance' });
    world.placeCluster('shop');
    const found: (string | undefined)[] = [];
    for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client: world.rds, pageSize: 20 }, {}))
      found.push(...DBInstances.map((one) => one.DBInstanceIdentifier));
    expect(found).toHaveLength(35);
    const members = async (Name: string, value: string) => {
      const { DBInstances } = await world.rds.send(new DescribeDBInstancesCommand({ Filters: [{ Name, Values: [value] }] }));
      return DBInstances?.length;
    };
    expect(await members('db-cluster-id', 'shop')).toBe(3);
    expect(await members('engine', 'aurora-postgresql')).toBe(3);
    expect(await refusal(members('colour', 'red'))).toMatchObject({ code: 'InvalidParameterValue' });
  });
});
