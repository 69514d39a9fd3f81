import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { growStorage } from '../../shared/actions/grow-storage.ts';
import type { DatabaseFacts } from '../../shared/model/snapshot.ts';
import { database, databaseStorage, facts, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = (storage: Partial<NonNullable<DatabaseFacts['storage']>> = {}, change: Partial<DatabaseFacts> = {}) =>
  facts({ instance: null, status: null, database: database({ storage: databaseStorage(storage), ...change }) });
const target = { type: 'database', id: 'orders' } as const;
const [step] = growStorage.steps;

describe('grow-storage', () => {
  test('asks for an absolute size, at once, and names IOPS only where it has to', async () => {
    const input = { DBInstanceIdentifier: 'orders', AllocatedStorage: 110, ApplyImmediately: true };
    expect(await doAll(growStorage, seen())).toEqual([{ permission: 'rds:ModifyDBInstance', input }]);
    expect(await doAll(growStorage, seen({ iops: 12_000 }))).toEqual([
      { permission: 'rds:ModifyDBInstance', input: { ...input, Iops: 12_000 } },
    ]);
  });

  test('calls nothing in a dry run, nor where it knows no size or no IOPS', async () => {
    expect(await doAll(growStorage, seen(), { dryRun: true })).toEqual([]);
    expect(await doAll(growStorage, seen({ next: null }))).toEqual([]);
    expect(await doAll(growStorage, seen({ iops: 'unknown' }))).toEqual([]);
  });

  test('is done once RDS changes it to what was asked, or has', () => {
    const after = [{}, { wanted: 105 }, { wanted: 110 }, { allocated: 109 }, { allocated: 110 }, { allocated: 200 }];
    expect(after.map((one) => step.done(seen(one), { before: seen(), policy: policy() }))).toEqual([false, false, true, false, true, true]);
  });

  test('has settled once nothing is being changed', () => {
    expect(step.settled.when(seen({ wanted: 110 }))).toBe(false);
    expect(step.settled.when(seen({}, { state: 'modifying' }))).toBe(false);
    expect(step.settled.when(seen({ allocated: 110 }, { state: 'storage-optimization' }))).toBe(true);
    expect(step.settled.when(facts({ database: null }))).toBe(false);
  });

  test('acts upon the database that the look saw, and says what it does', () => {
    expect(growStorage.target(seen())).toEqual(target);
    expect(growStorage.target(facts({ database: null }))).toBeNull();
    expect(toDo(growStorage, { target, facts: seen(), policy: policy() })).toBe('grow the storage of database orders from 100 to 110 GiB');
  });
});
