import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { promoteReplica } from '../../shared/actions/promote-replica.ts';
import { database, facts, policy, replica } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const orphan = replica({ source: { id: 'orders', state: 'failed' } });
const seen = (change: Parameters<typeof database>[0] = {}) =>
  facts({ instance: null, status: null, database: database({ id: 'orders-replica', replica: orphan, ...change }) });
const [step] = promoteReplica.steps;

describe('promote-replica', () => {
  test('promotes the one replica', async () => {
    expect(await doAll(promoteReplica, seen())).toEqual([
      { permission: 'rds:PromoteReadReplica', input: { DBInstanceIdentifier: 'orders-replica' } },
    ]);
  });

  test('makes no call in a dry run, which RDS has none of', async () => {
    expect(await doAll(promoteReplica, seen(), { dryRun: true })).toEqual([]);
  });

  test('is done to read replicas alone', () => {
    expect(promoteReplica.target(seen())).toEqual({ type: 'database', id: 'orders-replica' });
    expect(promoteReplica.target(seen({ replica: replica({ reader: true }) }))).toBeNull();
    expect(promoteReplica.target(seen({ replica: null }))).toBeNull();
    expect(promoteReplica.target(facts({ database: database() }))).toBeNull();
  });

  test('wants two people, who are told how far it is behind and how its source is, whatever the policy waives', () => {
    expect(promoteReplica.people).toBe(2);
    const asked = promoteReplica.asks(policy({ databases: { promote: 'on', approval: 'waived' } }), seen());
    expect(asked).toContain(
      'a replica of orders, which is failed; it is 300 s behind, 30 s more every minute; RDS says of its replication: replicating',
    );
    const silent = promoteReplica.asks(policy(), seen({ replica: { ...orphan, replication: null } }));
    expect(silent).toContain('RDS says nothing of its replication');
    const target = { type: 'database', id: 'orders-replica' } as const;
    expect(toDo(promoteReplica, { target, facts: seen(), policy: policy() })).toBe('promote database orders-replica, a replica of orders');
  });

  test('is done once it replicates nothing any more, and under way once RDS is at it', () => {
    const done = (change: Parameters<typeof database>[0]) => step.done(seen(change), { before: seen(), policy: policy() });
    expect(done({})).toBe(false);
    expect(done({ state: 'modifying' })).toBe(true);
    expect(done({ replica: null, state: 'rebooting' })).toBe(true);
    expect(step.settled.when(seen({ state: 'modifying' }))).toBe(false);
    expect(step.settled.when(seen({ replica: null, state: 'rebooting' }))).toBe(true);
  });
});
