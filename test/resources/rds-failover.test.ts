import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { treatedLooks } from '../../shared/resources/index.ts';
import { incident, policy } from '../remediation/examples.ts';
import { createObserved, minute, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
  world.aws.rds.place({ id: 'shop', kind: 'cluster' });
  for (const [i, zone] of (['a', 'b', 'c'] as const).entries())
    world.aws.rds.place({ id: `shop-${i}`, kind: 'instance', cluster: 'shop', writer: i === 0, zone });
  await pass(10);
});
afterEach(() => world.close());

const now = () => world.aws.world.clock.now();
const pass = (minutes: number) => world.aws.advanceTo(now() + minutes * minute);
const look = async (failover = 'on', dimensions = 'DBClusterIdentifier=shop', namespace = 'AWS/RDS') => {
  const about = incident({ resource: { type: 'database', id: 'shop' }, evidence: { namespace, dimensions } });
  const input = { incident: about, now: now(), known: undefined, policy: policy({ databases: { failover } }) };
  return (await treatedLooks.database?.(world.clients, input))?.database;
};

describe('a look at a cluster that may be failed over', () => {
  test('tells its writer, and how far its readers are behind', async () => {
    expect(await look()).toMatchObject({
      id: 'shop',
      state: 'available',
      members: {
        heard: true,
        writer: { id: 'shop-0', state: 'available', availabilityZone: 'us-east-1a', silentSince: null },
        readers: [
          { id: 'shop-1', availabilityZone: 'us-east-1b', lag: 20 },
          { id: 'shop-2', availabilityZone: 'us-east-1c', lag: 20 },
        ],
      },
    });
  });

  test('is one too where a rule names it by a metric of its clients', async () => {
    expect(await look('on', 'DBClusterIdentifier=shop', 'Shop')).toMatchObject({ id: 'shop', members: { heard: true } });
    expect(await look('on', 'Cluster=shop', 'Shop')).toBeNull();
  });

  test('is none where the policy does not name that, or the signal is about an instance', async () => {
    expect(await look('off')).toBeNull();
    expect(await look('on', 'DBInstanceIdentifier=shop')).toBeNull();
  });

  test('tells since when the writer is silent, and not that a lag of long ago is that of today', async () => {
    const lost = now();
    world.aws.faults.inject({ fault: 'lose-writer', target: 'shop', loss: 'zone', failsOver: false });
    world.aws.faults.inject({ fault: 'lag-replica', target: 'shop-1', seconds: 7, perMinute: 0, state: 'replicating', survives: true });
    world.aws.faults.inject({ fault: 'lag-replica', target: 'shop-2', seconds: 0, perMinute: 0, state: 'unreadable', survives: true });
    await pass(1);
    expect((await look())?.members?.writer?.silentSince).toBeNull();
    await pass(4);
    const seen = await look();
    expect(Math.abs((seen?.members?.writer?.silentSince ?? 0) - lost)).toBeLessThanOrEqual(minute);
    expect(seen?.members?.readers.map(({ lag }) => lag)).toEqual([7020, null]);
  });
});
