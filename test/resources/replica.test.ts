import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { observe } from '../../shared/resources/observe.ts';
import { describeDatabase } from '../../shared/resources/rds-instance.ts';
import { incident, policy } from '../remediation/examples.ts';
import { createObserved, minute, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
  const { rds } = world.aws;
  rds.place({ id: 'orders', kind: 'instance' });
  rds.place({ id: 'orders-replica', kind: 'instance', source: 'orders' });
  rds.place({ id: 'shop', kind: 'cluster' });
  for (const [i, zone] of (['a', 'b'] as const).entries())
    rds.place({ id: `shop-${i}`, kind: 'instance', cluster: 'shop', writer: i === 0, zone });
});
afterEach(() => world.close());

const about = (id: string, metric = 'ReplicaLag') =>
  incident({
    failure: 'replica-behind',
    resource: { type: 'database', id },
    evidence: { namespace: 'AWS/RDS', metric, dimensions: `DBInstanceIdentifier=${id}` },
  });
const now = () => world.aws.world.clock.now();
const fall = async (id: string) => {
  world.aws.rds.faults.lagReplica(id, { seconds: 0, perMinute: 30, state: 'replicating', survives: false });
  await world.aws.advanceTo(now() + 8 * minute);
};
const look = async (id: string) => {
  const named = policy({ databases: { reboot: 'on' } });
  return (await describeDatabase(world.clients, { incident: about(id), now: now(), known: undefined, policy: named })).database?.replica;
};

describe('a look at what a database replicates', () => {
  test('tells its source, how far it is behind, and how that grows', async () => {
    await fall('orders-replica');
    const seen = await look('orders-replica');
    expect(seen).toMatchObject({ source: { id: 'orders', state: 'available' }, reader: false, lag: { stopped: false } });
    expect(seen?.lag.seconds).toBeGreaterThan(150);
    expect(Math.round(seen?.lag.perMinute ?? 0)).toBe(30);
  });

  test('tells the writer and the lag of a reader, in seconds too', async () => {
    await fall('shop-1');
    const seen = await look('shop-1');
    expect(seen).toMatchObject({ source: { id: 'shop-0', state: 'available' }, reader: true });
    expect(seen?.lag.seconds).toBeGreaterThan(150);
    expect(seen?.lag.seconds).toBeLessThan(300);
  });

  test('is null of what others replicate', async () => {
    await expect(look('orders')).resolves.toBeNull();
    await expect(look('shop-0')).resolves.toBeNull();
  });

  test("tells RDS's own word of the replication, which readers have none of", async () => {
    expect([(await look('orders-replica'))?.replication, (await look('shop-1'))?.replication]).toEqual(['replicating', null]);
    world.aws.rds.faults.lagReplica('orders-replica', { seconds: 0, perMinute: 0, state: 'stopped', survives: true });
    expect((await look('orders-replica'))?.replication).toMatch(/^error: Replication has been stopped/);
  });

  test('shows a source that failed', async () => {
    world.aws.rds.change('instance', 'orders', 'failed', { message: 'DB instance put into failed state.', categories: ['failure'] });
    await expect(look('orders-replica')).resolves.toMatchObject({ source: { state: 'failed' } });
  });

  test('fails where the metrics may not be read: what is unknown is no small lag', async () => {
    world.refuse('cloudwatch', 'GetMetricData', 'AccessDenied');
    await expect(look('orders-replica')).rejects.toThrow();
  });

  test('is part of what people are told, if lag is what the alarm watches', async () => {
    await fall('orders-replica');
    const { line } = await observe(world.clients, about('orders-replica'), now());
    expect(line).toContain('a replica of orders, which is available; it is 210 s behind, 30 s more every minute');
    expect((await observe(world.clients, about('orders-replica', 'CPUUtilization'), now())).line).not.toContain('replica of');
  });

  test('says so where it may not read the lag', async () => {
    world.refuse('cloudwatch', 'GetMetricData', 'AccessDenied');
    const { line } = await observe(world.clients, about('orders-replica'), now());
    expect(line).toContain('its lag could not be read');
  });
});
