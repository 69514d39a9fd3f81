import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const about = alarmOn('', { type: 'database', id: 'orders' }, { kind: 'rds', evidence: { source: 'db-cluster' } });

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

describe('a look at a cluster of databases', () => {
  test('tells its state, who writes, and what RDS said last', async () => {
    await world.place(about);
    await world.aws.advanceTo(noon - 3 * minute);
    world.aws.rds.change('cluster', 'orders', 'failing-over', { message: 'Started cross AZ failover', categories: ['failover'] });
    expect((await world.look(about)).line).toMatch(
      /^database cluster orders: failing-over; created .*; last event at 11:57 UTC: Started cross AZ failover; 1 members, writer orders-1; aurora-postgresql 17\.4$/,
    );
  });

  test('says where nobody writes', async () => {
    world.aws.rds.place({ id: 'orders', kind: 'cluster' });
    expect((await world.look(about)).line).toContain('0 members, no writer');
  });
});
