import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { sdkError } from '../aws/recorder.ts';
import { database, facts, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = facts({ instance: null, status: null, database: database() });

describe('reboot-database', () => {
  test('reboots the one instance, without a failover', async () => {
    expect(await doAll(rebootDatabase, seen)).toEqual([{ permission: 'rds:RebootDBInstance', input: { DBInstanceIdentifier: 'orders' } }]);
  });

  test('calls nothing in a dry run, since RDS has none', async () => {
    expect(await doAll(rebootDatabase, seen, { dryRun: true })).toEqual([]);
  });

  test('throws what RDS refuses', async () => {
    const answer = sdkError('InvalidDBInstanceStateFault', 400);
    await expect(doAll(rebootDatabase, seen, { answer })).rejects.toBe(answer);
  });

  test('acts upon the database that the look saw, and on nothing where it saw none', () => {
    expect(rebootDatabase.target(seen)).toEqual({ type: 'database', id: 'orders' });
    expect(rebootDatabase.target(facts({ database: null }))).toBeNull();
    expect(rebootDatabase.target(facts())).toBeNull();
  });

  // A second call would interrupt the clients again: without a way to tell, a lost answer is left to verification.
  test('is never said to be undone by a look', () => {
    expect(rebootDatabase.steps.map((step) => ['done' in step, 'settled' in step])).toEqual([[false, false]]);
  });

  test('asks a person, unless the policy waives that', () => {
    expect(rebootDatabase.asks(policy({ databases: { reboot: 'on' } }), facts({ database: database() }))).toContain('every connection');
    expect(rebootDatabase.asks(policy({ databases: { reboot: 'on', approval: 'waived' } }), facts())).toBeNull();
  });

  test('says what it does', () => {
    const target = { type: 'database', id: 'orders' } as const;
    expect(toDo(rebootDatabase, { target, facts: seen, policy: policy() })).toBe('reboot database orders');
  });
});
