import {
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  FailoverDBClusterCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { expect, test } from '@jest/globals';
import { createRandom } from '../../src/core/random.ts';
import { hour, minute, rdsWorld } from './world.ts';

/** Refusals that belong to what is tried; anything else is a fault of the emulator's. */
const expected =
  /^(InvalidDBInstanceStateFault|InvalidDBClusterStateFault|InvalidParameterCombination|InvalidParameterValue|DBInstanceNotFoundFault|DBInstanceAlreadyExistsFault|RangeError)$/;

test.each([1, 5, 6, 7])('a cluster has one writer and storage never shrinks, whatever happens: seed %i', async (seed) => {
  const random = createRandom(seed);
  const world = rdsWorld();
  world.placeCluster('shop');
  world.aws.rds.place({ id: 'orders', kind: 'instance', allocated: 100, used: 60, maxAllocated: 400 });
  world.aws.rds.place({ id: 'orders-r1', kind: 'instance', source: 'orders', multiAz: false });
  const member = () => `shop-${random.int(5)}`;
  const any = () => random.pick(['orders', 'orders-r1', member()]);
  const { faults } = world.aws;
  const actions: (() => unknown)[] = [
    () => world.rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'shop', TargetDBInstanceIdentifier: member() })),
    () => world.rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'shop' })),
    () => world.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: any() })),
    () => world.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'orders', ForceFailover: true })),
    () =>
      world.rds.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: member(),
          DBInstanceClass: 'db.r7g.large',
          Engine: 'aurora-postgresql',
          DBClusterIdentifier: 'shop',
        }),
      ),
    () => world.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: member() })),
    () =>
      world.rds.send(
        new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders', AllocatedStorage: 50 + random.int(300), ApplyImmediately: true }),
      ),
    () =>
      faults.inject({
        fault: 'lose-writer',
        target: 'shop',
        loss: random.pick(['process', 'zone', 'storage']),
        failsOver: random.chance(0.5),
      }),
    () => faults.inject({ fault: 'lose-writer', target: any(), loss: random.pick(['process', 'zone', 'storage']) }),
    () => faults.inject({ fault: 'lag-replica', target: random.pick(['orders-r1', member()]), perMinute: random.int(60) }),
    () => faults.inject({ fault: 'fill-storage', target: 'orders', gibPerMinute: random.next() + 0.01 }),
    () =>
      faults.inject({
        fault: 'load-database',
        target: random.pick(['shop', 'orders']),
        percent: 50,
        on: random.pick(['writer', 'readers']),
      }),
    () => faults.inject({ fault: 'break-parameters', target: any() }),
    () => faults.inject({ fault: 'maintain-database', target: any(), inSeconds: random.int(600) }),
    () => {
      const [one] = faults.active();
      if (one) faults.end(one.id);
    },
  ];
  let size = 0;
  for (let i = 0; i < 60; i++) {
    try {
      await random.pick(actions)();
    } catch (error) {
      expect((error as Error).name).toMatch(expected);
    }
    await world.pass(random.int(10 * minute));
    const { writers, DBClusterMembers = [] } = await world.cluster('shop');
    // The last one may have been deleted.
    expect(writers.length).toBeLessThanOrEqual(1);
    if (DBClusterMembers.length > 0) expect(writers).toHaveLength(1);
    const { AllocatedStorage = 0 } = await world.instance('orders');
    expect(AllocatedStorage).toBeGreaterThanOrEqual(size);
    size = AllocatedStorage;
    for (const value of await world.metric('FreeStorageSpace', { DBInstanceIdentifier: 'orders' })) expect(value).toBeGreaterThanOrEqual(0);
    for (const value of await world.metric('CPUUtilization', { DBClusterIdentifier: 'shop' }, { Stat: 'Maximum' }))
      expect(value).toBeLessThanOrEqual(100);
  }
  // Once all is well outside, and what was corrected is restarted, all work.
  for (const { id } of faults.active()) faults.end(id);
  await world.pass(6 * hour);
  for (const { DBInstanceIdentifier, DBInstanceStatus } of await world.instances())
    if (DBInstanceStatus === 'incompatible-parameters') await world.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }));
  await world.pass(6 * hour);
  const idle = (await world.instances()).filter(({ DBInstanceStatus }) => DBInstanceStatus !== 'storage-full');
  expect(
    idle.map(({ DBInstanceIdentifier: id, DBInstanceStatus }) => [id, DBInstanceStatus, world.aws.rds.get('instance', id ?? '')?.serves]),
  ).toEqual(idle.map(({ DBInstanceIdentifier: id }) => [id, 'available', true]));
  await world.aws.close();
});
