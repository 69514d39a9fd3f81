import { ModifyDBInstanceCommand, type ModifyDBInstanceCommandInput, waitUntilDBInstanceAvailable } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { hour, minute, type RdsWorld, rdsWorld } from './world.ts';

const DBInstanceIdentifier = 'orders';
const gib = 1024 ** 3;

let world: RdsWorld;
const modify = (input: Omit<ModifyDBInstanceCommandInput, 'DBInstanceIdentifier'>) =>
  world.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, ...input }));
const place = (more = {}) => world.aws.rds.place({ id: DBInstanceIdentifier, kind: 'instance', allocated: 100, used: 50, ...more });
const fill = (gibPerMinute: number) => world.aws.faults.inject({ fault: 'fill-storage', target: DBInstanceIdentifier, gibPerMinute });
const found = () => world.instance(DBInstanceIdentifier);

beforeEach(() => {
  world = rdsWorld();
});
afterEach(() => world.aws.close());

describe('storage that fills', () => {
  test('is told by its metric, is low at a tenth, and stops writes once it is full', async () => {
    place();
    fill(1);
    await world.pass(10 * minute);
    const free = ((await world.metric('FreeStorageSpace', { DBInstanceIdentifier })).at(-1) ?? 0) / gib;
    expect(free).toBeGreaterThan(39);
    expect(free).toBeLessThan(42);
    await world.pass(35 * minute);
    expect(world.numbers(DBInstanceIdentifier)).toEqual(['0089']);
    expect((await world.events(DBInstanceIdentifier))[0]).toMatch(
      /DB Instance: orders is low at 10% .*Storage: 100.00 GB, Free Storage: 10.00 GB/,
    );
    expect(await world.metric('WriteIOPS', { DBInstanceIdentifier })).not.toContain(0);
    await world.pass(20 * minute);
    expect((await found()).DBInstanceStatus).toBe('storage-full');
    expect(world.numbers(DBInstanceIdentifier)).toEqual(['0089', '0007']);
    expect((await world.metric('FreeStorageSpace', { DBInstanceIdentifier })).at(-1)).toBe(0);
    expect((await world.metric('WriteIOPS', { DBInstanceIdentifier })).at(-1)).toBe(0);
  });

  test('keeps what it has when the filling ends, and answers for times past', async () => {
    place();
    const id = fill(1);
    await world.pass(10 * minute);
    world.aws.faults.end(id);
    await world.pass(20 * minute);
    const values = await world.metric('FreeStorageSpace', { DBInstanceIdentifier }, { minutes: 30 });
    expect(values.slice(0, 3).map((value) => Math.round(value / gib))).toEqual([49, 48, 47]);
    expect(Math.round((values.at(-1) ?? 0) / gib)).toBe(40);
  });

  test('is written to again once a full instance has been given more', async () => {
    place({ used: 99 });
    fill(1);
    await world.pass(5 * minute);
    await modify({ AllocatedStorage: 150, ApplyImmediately: true });
    await world.pass(10 * minute);
    expect(await found()).toMatchObject({ DBInstanceStatus: 'storage-optimization', AllocatedStorage: 150 });
    expect((await world.metric('WriteIOPS', { DBInstanceIdentifier })).at(-1)).toBeGreaterThan(0);
    const free = await world.metric('FreeStorageSpace', { DBInstanceIdentifier });
    expect(free.at(-1)).toBeLessThan(50 * gib);
    expect(free.at(-1)).toBeGreaterThan(40 * gib);
  });
});

describe('a change of the storage', () => {
  test('goes through its states and events, and the waiter sees the end', async () => {
    place();
    const { DBInstance } = await modify({ AllocatedStorage: 120, ApplyImmediately: true });
    expect(DBInstance).toMatchObject({ AllocatedStorage: 100, PendingModifiedValues: { AllocatedStorage: 120 } });
    await world.pass(30_000);
    expect((await found()).DBInstanceStatus).toBe('modifying');
    await world.pass(6 * minute);
    expect(await found()).toMatchObject({ DBInstanceStatus: 'storage-optimization', AllocatedStorage: 120, PendingModifiedValues: {} });
    expect(world.numbers(DBInstanceIdentifier)).toEqual(['0018', '0017']);
    const { state } = await waitUntilDBInstanceAvailable(world.waiting, { DBInstanceIdentifier });
    expect(state).toBe('SUCCESS');
  });

  test('is a tenth at least, and never less than there is', async () => {
    place();
    expect(await refusal(modify({ AllocatedStorage: 90, ApplyImmediately: true }))).toMatchObject({
      code: 'InvalidParameterValue',
      message: 'Invalid storage size for engine name postgres and storage type gp3: 90',
    });
    const { DBInstance } = await modify({ AllocatedStorage: 101, ApplyImmediately: true });
    expect(DBInstance?.PendingModifiedValues).toEqual({ AllocatedStorage: 110 });
  });

  test('is refused while the last one is optimized, and for six hours', async () => {
    place();
    await modify({ AllocatedStorage: 120, ApplyImmediately: true });
    await world.pass(7 * minute);
    const again = () => refusal(modify({ AllocatedStorage: 140, ApplyImmediately: true }));
    expect(await again()).toMatchObject({ code: 'InvalidParameterCombination', message: expect.stringContaining('is being optimized') });
    await world.pass(3.5 * hour);
    expect((await found()).DBInstanceStatus).toBe('available');
    expect((await again()).message).toMatch(/Try again after approximately 3 hours/);
    await world.pass(3 * hour);
    await modify({ AllocatedStorage: 140, ApplyImmediately: true });
    await world.pass(7 * minute);
    expect((await found()).AllocatedStorage).toBe(140);
  });

  test('waits for the maintenance window where it needn’t be at once', async () => {
    // It is Friday noon.
    place({ maintenanceWindow: 'fri:14:00-fri:14:30' });
    await modify({ AllocatedStorage: 120 });
    await world.pass(hour);
    expect(await found()).toMatchObject({ AllocatedStorage: 100, PendingModifiedValues: { AllocatedStorage: 120 } });
    await world.pass(hour + 10 * minute);
    expect(await found()).toMatchObject({ AllocatedStorage: 120, PendingModifiedValues: {} });
  });

  test('needs the IOPS where they can be chosen, and refuses them where they can’t', async () => {
    place();
    world.aws.rds.place({ id: 'large', kind: 'instance', allocated: 500 });
    const words = /specify IOPS or storage throughput for engine postgres and a storage size less than 400/;
    expect((await refusal(modify({ AllocatedStorage: 120, Iops: 3000 }))).message).toMatch(words);
    const large = (more = {}) =>
      world.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'large', AllocatedStorage: 600, ...more }));
    expect((await refusal(large())).message).toMatch(/specify both the storage size and iops/);
    expect((await large({ Iops: 12_000 })).DBInstance?.PendingModifiedValues).toMatchObject({ AllocatedStorage: 600 });
  });

  test('stays within the quota of the account', async () => {
    place({ allocated: 50_000 });
    world.aws.rds.place({ id: 'large', kind: 'instance', allocated: 49_000 });
    expect(await refusal(modify({ AllocatedStorage: 55_000, Iops: 12_000 }))).toMatchObject({ code: 'StorageQuotaExceededFault' });
  });

  test('is refused in a state that allows none', async () => {
    place({ status: 'rebooting' });
    expect(await refusal(modify({ AllocatedStorage: 120 }))).toMatchObject({ code: 'InvalidDBInstanceStateFault', status: 400 });
  });
});

describe('storage autoscaling', () => {
  test('acts after five minutes with a tenth free, and again only after six hours', async () => {
    place({ maxAllocated: 1000 });
    fill(1);
    await world.pass(44 * minute);
    expect(await found()).toMatchObject({ AllocatedStorage: 100, MaxAllocatedStorage: 1000 });
    await world.pass(8 * minute);
    expect(world.numbers(DBInstanceIdentifier)).toEqual(['0089', '0217', '0218']);
    const { AllocatedStorage = 0 } = await found();
    // What the last hour predicts for seven is more than a tenth.
    expect(AllocatedStorage).toBeGreaterThan(300);
    fill(20);
    await world.pass(30 * minute);
    expect((await found()).DBInstanceStatus).toBe('storage-full');
    expect(world.numbers(DBInstanceIdentifier)).toContain('0220');
    await world.pass(5 * hour);
    expect((await found()).AllocatedStorage).toBe(AllocatedStorage);
    await world.pass(hour);
    expect(world.numbers(DBInstanceIdentifier).filter((number) => number === '0218')).toHaveLength(2);
    expect((await found()).AllocatedStorage).toBeGreaterThan(AllocatedStorage);
  });

  test('stays below its threshold, which can be raised or equal to what there is', async () => {
    place({ maxAllocated: 105, used: 95 });
    fill(0.1);
    await world.pass(10 * minute);
    expect(world.numbers(DBInstanceIdentifier)).toEqual(['0224']);
    expect((await refusal(modify({ MaxAllocatedStorage: 109 }))).message).toMatch(/increased by at least 10 percent/);
    expect((await refusal(modify({ MaxAllocatedStorage: 99 }))).message).toMatch(/must be greater than storage size/);
    await modify({ MaxAllocatedStorage: 200 });
    await world.pass(15 * minute);
    expect((await found()).AllocatedStorage).toBe(110);
    await modify({ MaxAllocatedStorage: 110 });
    expect((await found()).MaxAllocatedStorage).toBeUndefined();
  });
});
