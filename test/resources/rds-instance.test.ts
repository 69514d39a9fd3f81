import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rdsCluster } from '../../shared/resources/rds-cluster.ts';
import { rdsInstance } from '../../shared/resources/rds-instance.ts';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const about = alarmOn('AWS/RDS', { type: 'database', id: 'orders' });

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

describe('a look at a database instance', () => {
  test('tells its state, what RDS said last, and changes that wait', async () => {
    world.aws.rds.place({ id: 'orders', kind: 'instance', createdAt: noon - 40 * 24 * 60 * minute, pending: { AllocatedStorage: 200 } });
    await world.aws.advanceTo(noon - 9 * minute);
    world.aws.rds.change('instance', 'orders', 'storage-full', {
      message: 'Allocated storage has been exhausted',
      categories: ['failure'],
    });
    expect((await world.look(about)).line).toBe(
      'database instance orders: storage-full; created 2026-10-11 12:00 UTC, 40 d ago; last event at 11:51 UTC: Allocated storage has been exhausted; postgres 17.4 on db.r7g.large, 100 GiB; Multi-AZ; pending changes: AllocatedStorage',
    );
  });

  test('goes on without the events where those may not be read', async () => {
    await world.place(about);
    world.refuse('rds', 'DescribeEvents', 'AccessDenied');
    const { result, line } = await world.look(about);
    expect(result).toBe('found');
    expect(line).toMatch(/its events could not be read: selfheal isn't allowed to \(rds:DescribeEvents\)$/);
  });

  test('tries a cluster of that name where the signal does not say which it is', async () => {
    world.aws.rds.place({ id: 'orders', kind: 'cluster' });
    const seen = await world.look(about);
    expect(seen.line).toMatch(/^database cluster orders: available/);
    const gone = await world.look(alarmOn('AWS/RDS', { type: 'database', id: 'carts' }));
    expect(gone.result).toBe('gone');
    expect(gone.line).toMatch(
      /^database instance carts: .*\(DBInstanceNotFound\w*\); database cluster carts: .*\(DBClusterNotFoundFault\)$/,
    );
  });

  test.each([
    ['an alarm on an instance', { namespace: 'AWS/RDS', dimensions: 'DBInstanceIdentifier=orders' }, [true, false]],
    ['an alarm on a cluster', { namespace: 'AWS/RDS', dimensions: 'DBClusterIdentifier=orders' }, [false, true]],
    ['an alarm that tells neither', { namespace: 'AWS/RDS' }, [true, true]],
    ['an alarm on a cache', { namespace: 'AWS/ElastiCache', dimensions: 'CacheClusterId=orders' }, [false, false]],
    ["AWS Health's word", { service: 'RDS' }, [true, true]],
  ])('is at what a signal is about: %s', (_, evidence, [instance, cluster]) => {
    const subject = alarmOn('', { type: 'database', id: 'orders' }, { evidence: evidence as Record<string, string> });
    expect([rdsInstance.is(subject), rdsCluster.is(subject)]).toEqual([instance, cluster]);
  });

  test('is at none of what only belongs to a database', () => {
    const proxy = alarmOn('', { type: 'database', id: 'carts-proxy' }, { kind: 'rds', evidence: { source: 'db-proxy' } });
    expect([rdsInstance.is(proxy), rdsCluster.is(proxy)]).toEqual([false, false]);
  });
});
