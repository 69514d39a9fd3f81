import { expect, test } from '@jest/globals';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute } from './observing.ts';

test('a look at a snapshot of a cluster tells what it is of', async () => {
  const world = await createObserved();
  const id = 'orders-before-upgrade';
  const about = alarmOn('', { type: 'database', id }, { kind: 'rds', evidence: { source: 'db-cluster-snapshot' } });
  // An instance's snapshot of the same name is another one.
  world.aws.rds.placed.snapshot({ id: 'another', of: 'instance', database: 'orders', createdAt: noon });
  world.aws.rds.placed.snapshot({ id, of: 'cluster', database: 'orders', createdAt: noon - 10 * minute, status: 'failed' });
  expect((await world.look(about)).line).toBe(
    `cluster snapshot ${id}: failed; created 11:50 UTC, 10 min 00 s ago; manual snapshot of orders; aurora-postgresql 17.4`,
  );
  expect((await world.look({ ...about, resource: { type: 'database', id: 'another' } })).result).toBe('gone');
  await world.close();
});
