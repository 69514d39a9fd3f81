import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rdsClusterSnapshot } from '../../shared/resources/rds-cluster-snapshot.ts';
import { rdsInstance } from '../../shared/resources/rds-instance.ts';
import { rdsSnapshot } from '../../shared/resources/rds-snapshot.ts';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

const of = (source: string, type: 'database' | 'service', id: string) => alarmOn('', { type, id }, { kind: 'rds', evidence: { source } });

describe('a look at a database snapshot', () => {
  test.each([
    ['database', 'orders-before-upgrade', 'manual'],
    ['service', 'rds:orders-2026-11-20-03-10', 'automated'],
  ] as const)('is had whatever its name is: %s', async (type, id, made) => {
    world.aws.rds.placed.snapshot({ id, of: 'instance', database: 'orders', createdAt: noon - 10 * minute, status: 'creating' });
    expect((await world.look(of('db-snapshot', type, id))).line).toBe(
      `database snapshot ${id}: creating; created 11:50 UTC, 10 min 00 s ago; 40% done; ${made} snapshot of orders, 100 GiB; postgres 17.4`,
    );
  });

  test('goes on without the events where those may not be read', async () => {
    const about = of('db-snapshot', 'database', 'before');
    await world.place(about);
    world.refuse('rds', 'DescribeEvents', 'AccessDenied');
    const { result, line } = await world.look(about);
    expect(result).toBe('found');
    expect(line).toMatch(/its events could not be read: selfheal isn't allowed to \(rds:DescribeEvents\)$/);
  });

  test('is at no database and no snapshot of a cluster', () => {
    const kinds = [rdsSnapshot, rdsClusterSnapshot, rdsInstance];
    expect(kinds.map(({ is }) => is(of('db-snapshot', 'database', 'before')))).toEqual([true, false, false]);
    expect(kinds.map(({ is }) => is(of('db-instance', 'database', 'before')))).toEqual([false, false, true]);
  });
});
