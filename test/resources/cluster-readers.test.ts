import { ApplicationAutoScalingClient, RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readerName } from '../../shared/model/cluster-readers.ts';
import { treatedLooks } from '../../shared/resources/index.ts';
import { incident, policy } from '../remediation/examples.ts';
import { createObserved, minute, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
  world.aws.rds.place({ id: 'shop', kind: 'cluster', tags: { selfheal: 'on' } });
  for (const [i, zone] of (['a', 'b', 'c'] as const).entries())
    world.aws.rds.place({ id: `shop-${i}`, kind: 'instance', cluster: 'shop', writer: i === 0, zone, class: 'db.r7g.xlarge' });
  world.aws.rds.place({ id: 'orders', kind: 'instance' });
  await pass(10);
});
afterEach(() => world.close());

const now = () => world.aws.world.clock.now();
const pass = (minutes: number) => world.aws.advanceTo(now() + minutes * minute);
const look = async (
  named: Record<string, unknown> = { readers: {} },
  dimension = 'DBClusterIdentifier',
  id = 'shop',
  failure = 'load-saturated',
) => {
  const evidence = { namespace: 'AWS/RDS', metric: 'CPUUtilization', dimensions: `${dimension}=${id}` };
  const about = incident({ failure: failure as 'load-saturated', resource: { type: 'database', id }, evidence });
  const input = { incident: about, now: now(), known: undefined, policy: policy(named) };
  return { about, seen: (await treatedLooks.database?.(world.clients, input))?.database };
};

describe('a look at a cluster whose readers are busy', () => {
  test('tells how busy each member is now, and what another is to be like', async () => {
    world.aws.faults.inject({ fault: 'load-database', target: 'shop', percent: 120, on: 'readers' });
    await pass(6);
    const { seen, about } = await look();
    const { reading } = seen ?? {};
    expect(reading).toMatchObject({
      engine: 'aurora-postgresql',
      like: { class: 'db.r7g.xlarge' },
      own: { id: readerName('shop', about.key), madeBy: about.key, state: null },
      writer: { id: 'shop-0', state: 'available' },
      others: [{ id: 'shop-1' }, { id: 'shop-2' }],
      scaled: false,
    });
    expect((reading?.others ?? []).map(({ cpu }) => (cpu ?? 0) > 60)).toEqual([true, true]);
    expect(reading?.writer?.cpu).toBeLessThan(20);
  });

  test('is one at its cluster where it is about a member', async () => {
    const { seen } = await look({ readers: {} }, 'DBInstanceIdentifier', 'shop-1');
    expect(seen).toMatchObject({ id: 'shop', tags: { selfheal: 'on' }, reading: { writer: { id: 'shop-0' } } });
    expect((await look({ readers: {} }, 'DBInstanceIdentifier', 'orders')).seen).toMatchObject({ id: 'orders', cluster: null });
  });

  test('tells that Aurora Auto Scaling sees to its readers', async () => {
    const target = { ServiceNamespace: 'rds', ResourceId: 'cluster:shop', ScalableDimension: 'rds:cluster:ReadReplicaCount' } as const;
    await world.clients
      .of(ApplicationAutoScalingClient)
      .send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 1, MaxCapacity: 4 }));
    expect((await look()).seen?.reading?.scaled).toBe(true);
  });

  test('tells no CPU where the metrics are not there', async () => {
    world.aws.faults.inject({ fault: 'lose-writer', target: 'shop', loss: 'zone', failsOver: false });
    await pass(10);
    expect((await look()).seen?.reading?.writer?.cpu).toBeNull();
  });

  test('is none where the policy does not name it, or it is about something else', async () => {
    expect((await look({}, 'DBInstanceIdentifier', 'shop-1')).seen).not.toHaveProperty('reading');
    expect((await look({ databases: { failover: 'on' } })).seen).not.toHaveProperty('reading');
    expect((await look({ readers: {} }, 'DBInstanceIdentifier', 'shop-1', 'disk-full')).seen).not.toHaveProperty('reading');
  });
});

describe('the name of a reader', () => {
  test('is one that RDS takes, and of its cluster and incident alone', () => {
    const long = `${'a'.repeat(39)}-${'b'.repeat(20)}`;
    for (const cluster of ['shop', 'Shop', long]) expect(readerName(cluster, 'load-saturated-1')).toMatch(/^[a-z](?:-?[a-z0-9]){0,62}$/);
    const names = [readerName('shop', 'a-1'), readerName('shop', 'a-2'), readerName('shops', 'a-1')];
    expect(new Set([...names, readerName('shop', 'a-1')]).size).toBe(3);
  });
});
