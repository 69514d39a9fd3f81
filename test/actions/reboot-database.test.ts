import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import type { DatabaseFacts } from '../../shared/model/snapshot.ts';
import { sdkError } from '../aws/recorder.ts';
import { database, facts, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seenWith = (change: Partial<DatabaseFacts>) => facts({ instance: null, status: null, database: database(change) });
const seen = seenWith({});
const standby = seenWith({ multiAz: true });

describe('reboot-database', () => {
  test('reboots an instance without a standby in place, and one with a standby by a failover to it', async () => {
    const input = { DBInstanceIdentifier: 'orders' };
    expect(await doAll(rebootDatabase, seen)).toEqual([{ permission: 'rds:RebootDBInstance', input }]);
    expect(await doAll(rebootDatabase, seenWith({ multiAz: false }))).toEqual([{ permission: 'rds:RebootDBInstance', input }]);
    expect(await doAll(rebootDatabase, standby)).toEqual([
      { permission: 'rds:RebootDBInstance', input: { ...input, ForceFailover: true } },
    ]);
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

  test('asks a person, unless the policy waives that, and says what happens to the database', () => {
    const named = policy({ databases: { reboot: 'on' } });
    expect(rebootDatabase.asks(named, seen)).toMatch(/in place ends every connection .* has no standby/);
    expect(rebootDatabase.asks(named, standby)).toMatch(/with a failover ends every connection .* standby in another zone takes over/);
    const waived = policy({ databases: { reboot: 'on', approval: 'waived' } });
    expect([seen, standby].map((of) => rebootDatabase.asks(waived, of))).toEqual([null, null]);
  });

  test('says what it does', () => {
    const target = { type: 'database', id: 'orders' } as const;
    const says = (of: typeof seen) => toDo(rebootDatabase, { target, facts: of, policy: policy() });
    expect([seen, standby].map(says)).toEqual(['reboot database orders', 'reboot database orders with a failover to its standby']);
  });
});
