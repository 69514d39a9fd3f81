import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { failOverCluster } from '../../shared/actions/fail-over-cluster.ts';
import { growStorage } from '../../shared/actions/grow-storage.ts';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { backoffSeconds } from '../../shared/model/backoff.ts';
import type { DatabaseFacts } from '../../shared/model/snapshot.ts';
import { clusterMembers, database, facts, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = (change: Partial<DatabaseFacts> = {}) =>
  facts({ instance: null, status: null, database: database({ id: 'shop', members: clusterMembers(), ...change }) });
const target = { type: 'database', id: 'shop' } as const;
const [step] = failOverCluster.steps;
const behind = clusterMembers({ readers: clusterMembers().readers.map((one) => ({ ...one, lag: 5000 })) });

describe('fail-over-cluster', () => {
  test('fails over to the one reader, and never lets RDS choose', async () => {
    const input = { DBClusterIdentifier: 'shop', TargetDBInstanceIdentifier: 'shop-1' };
    expect(await doAll(failOverCluster, seen())).toEqual([{ permission: 'rds:FailoverDBCluster', input }]);
    expect(await doAll(failOverCluster, seen({ members: behind }))).toEqual([]);
  });

  test('calls nothing in a dry run, since RDS has none', async () => {
    expect(await doAll(failOverCluster, seen(), { dryRun: true })).toEqual([]);
  });

  test('is done once RDS fails over, or the reader is the writer', () => {
    const is = (change: Partial<DatabaseFacts>) => step.done(seen(change), { before: seen(), policy: policy() });
    const writer = { id: 'shop-1', state: 'available', availabilityZone: 'us-east-1b', silentSince: null } as const;
    expect([is({}), is({ state: 'failing-over' }), is({ members: clusterMembers({ writer }) })]).toEqual([false, true, true]);
    expect([step.settled.when(seen({ state: 'failing-over' })), step.settled.when(seen())]).toEqual([false, true]);
  });

  test('is done to clusters alone, and what is done to instances is not done to them', () => {
    expect(failOverCluster.target(seen())).toEqual(target);
    expect(failOverCluster.target(facts({ database: database() }))).toBeNull();
    expect([rebootDatabase, growStorage].map((action) => action.target(seen()))).toEqual([null, null]);
  });

  test('is done once in six hours, and looked at every few seconds', () => {
    expect(failOverCluster.once()).toBe(6 * 3600);
    const pauses = [1, 2, 20, 50].map((count) => backoffSeconds(count, failOverCluster.pace, 1));
    expect(pauses).toEqual([4, expect.closeTo(4.2), expect.closeTo(10.1, 1), 30]);
  });

  test('asks a person, unless the policy waives that, and says where to and how far behind that is', () => {
    expect(failOverCluster.asks(policy({ databases: { failover: 'on' } }), seen())).toBe(
      'a failover ends every connection to the cluster; it has writer shop-0 in us-east-1a, readers shop-1 in us-east-1b 20 ms behind, shop-2 in us-east-1c 25 ms behind',
    );
    expect(failOverCluster.asks(policy({ databases: { failover: 'on' } }), facts({ database: null }))).toBe(
      'a failover ends every connection to the cluster',
    );
    expect(toDo(failOverCluster, { target, facts: seen({ members: behind }), policy: policy() })).toBe(
      'fail over cluster shop to a reader',
    );
    expect(failOverCluster.asks(policy({ databases: { failover: 'on', approval: 'waived' } }), seen())).toBeNull();
    expect(toDo(failOverCluster, { target, facts: seen(), policy: policy() })).toBe(
      'fail over cluster shop to shop-1 in us-east-1b, which is 20 ms behind',
    );
  });
});
