import { CreateDBInstanceReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { treatedLooks } from '../../shared/resources/index.ts';
import { incident, policy } from '../remediation/examples.ts';
import { createObserved, minute, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
  world.aws.rds.place({ id: 'orders', kind: 'instance', engine: 'mysql', class: 'db.r7g.xlarge', zone: 'b', tags: { selfheal: 'on' } });
  world.aws.rds.place({ id: 'orders-r1', kind: 'instance', engine: 'mysql', source: 'orders', zone: 'a' });
  await pass(10);
});
afterEach(() => world.close());

const now = () => world.aws.world.clock.now();
const pass = (minutes: number) => world.aws.advanceTo(now() + minutes * minute);
const named = { readers: { instances: ['orders', 'orders-r1'] } };
const look = async (given: Record<string, unknown> = named, id = 'orders', failure = 'load-saturated') => {
  const evidence = { namespace: 'AWS/RDS', metric: 'CPUUtilization', dimensions: `DBInstanceIdentifier=${id}` };
  const about = incident({ failure: failure as 'load-saturated', resource: { type: 'database', id }, evidence });
  const input = { incident: about, now: now(), known: undefined, policy: policy(given) };
  return (await treatedLooks.database?.(world.clients, input))?.database;
};

describe('a look at an instance whose load it is about', () => {
  test('tells what is asked of it, how busy its replicas are, and what another is to be like', async () => {
    world.aws.faults.inject({ fault: 'load-database', target: 'orders', percent: 60, on: 'reads' });
    await pass(6);
    const { replicas } = (await look()) ?? {};
    expect(replicas).toMatchObject({
      ...{ engine: 'mysql', source: null, backupDays: 7, class: 'db.r7g.xlarge', public: false, zone: 'us-east-1c', count: 1 },
      own: { id: expect.stringMatching(/^orders-selfheal-[0-9a-f]{12}$/), madeBy: expect.any(String), state: null },
      others: [{ id: 'orders-r1', state: 'available', cpu: expect.closeTo(5.6, 1) }],
      load: { cpu: expect.closeTo(65.6, 1), reads: expect.closeTo(656, 0), writes: 50, connections: 20 },
    });
    // RDS finds it in any case.
    expect(await look(named, 'ORDERS')).toMatchObject({
      id: 'orders',
      replicas: { own: { id: expect.stringMatching(/^orders-selfheal-/) } },
    });
  });

  test('shows the replica of its incident once RDS lists it', async () => {
    const id = (await look())?.replicas?.own.id ?? '';
    await world.clients
      .of(RDSClient)
      .send(new CreateDBInstanceReadReplicaCommand({ DBInstanceIdentifier: id, SourceDBInstanceIdentifier: 'orders' }));
    expect((await look())?.replicas).toMatchObject({
      own: { state: 'creating' },
      count: 2,
      others: [{}, { id, state: 'creating', cpu: null }],
    });
    await pass(20);
    expect((await look())?.replicas?.own.state).toBe('available');
  });

  test('shows what is a replica itself, and no number that the metrics do not have', async () => {
    world.aws.faults.inject({ fault: 'lose-writer', target: 'orders', loss: 'zone', failsOver: false });
    await pass(10);
    expect((await look())?.replicas?.load).toEqual({ cpu: null, reads: null, writes: null, connections: null });
    expect((await look(named, 'orders-r1'))?.replicas).toMatchObject({ source: 'orders', backupDays: 0 });
  });

  test('fails where the metrics may not be read', async () => {
    world.refuse('cloudwatch', 'GetMetricData', 'AccessDenied');
    await expect(look()).rejects.toThrow();
  });

  test('is none where the policy does not name it, or it is about something else', async () => {
    for (const seen of [
      await look({ readers: {} }),
      await look({ readers: { instances: ['shop'] } }),
      await look({}),
      await look(named, 'orders', 'disk-full'),
    ])
      expect(seen).not.toHaveProperty('replicas');
  });
});
