import { ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeDatabase } from '../../shared/resources/rds-instance.ts';
import { incident, policy } from '../remediation/examples.ts';
import { createObserved, minute, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

const look = async (databases: object = { storage: { grow: 0.2, atMost: 500 } }, id = 'orders') => {
  const about = incident({ resource: { type: 'database', id } });
  const { database } = await describeDatabase(world.clients, {
    incident: about,
    now: world.aws.world.clock.now(),
    known: undefined,
    policy: policy({ databases }),
  });
  return database?.storage;
};

describe('a look at the storage of a database', () => {
  test('tells its size, and what it would be grown to, where the policy names that', async () => {
    world.aws.rds.place({ id: 'orders', kind: 'instance' });
    expect(await look()).toEqual({ allocated: 100, next: 120, wanted: null, growsTo: null, others: [], changedAt: null, iops: null });
    expect(await look({ reboot: 'on' })).toBeUndefined();
  });

  test('tells what it is being changed to, and when it was changed', async () => {
    world.aws.rds.place({ id: 'orders', kind: 'instance' });
    await world.operator
      .of(RDSClient)
      .send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders', AllocatedStorage: 110, ApplyImmediately: true }));
    expect(await look()).toMatchObject({ allocated: 100, wanted: 110, changedAt: null });
    await world.aws.advanceTo(world.aws.world.clock.now() + 30 * minute);
    const seen = await look();
    expect(seen).toMatchObject({ allocated: 110, wanted: null });
    expect(seen?.changedAt).toBeGreaterThan(world.aws.world.clock.now() - 30 * minute);
    await world.aws.advanceTo(world.aws.world.clock.now() + 400 * minute);
    expect(await look()).toMatchObject({ changedAt: null });
  });

  test('tells what else waits, how far RDS grows it, and has none of a member of a cluster', async () => {
    world.aws.rds.place({ id: 'orders', kind: 'instance', maxAllocated: 300, pending: { DBInstanceClass: 'db.r7g.xlarge' } });
    expect(await look()).toMatchObject({ growsTo: 300, others: ['DBInstanceClass'] });
    world.aws.rds.place({ id: 'shop', kind: 'cluster' });
    world.aws.rds.place({ id: 'shop-0', kind: 'instance', cluster: 'shop', writer: true });
    expect(await look(undefined, 'shop-0')).toBeUndefined();
  });

  test('fails where its events may not be read: a change of the last hours would go unseen', async () => {
    world.aws.rds.place({ id: 'orders', kind: 'instance' });
    world.refuse('rds', 'DescribeEvents', 'AccessDenied');
    await expect(look()).rejects.toThrow();
  });
});
