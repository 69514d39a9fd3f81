import { describe, expect, test } from '@jest/globals';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { databaseReady } from '../../shared/guards/database-ready.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import type { DatabaseFacts } from '../../shared/model/snapshot.ts';
import { database, facts, incident, noon } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const minute = 60_000;
const policy = effective({ databases: { reboot: 'on' } });
/** Noon of the examples is on a Friday. */
const asked = (change: Partial<DatabaseFacts> = {}, more: Partial<GuardInput> = {}) =>
  databaseReady.check(
    guardInput({
      action: rebootDatabase,
      target: { type: 'database', id: 'orders' },
      facts: facts({ instance: null, status: null, database: database(change) }),
      policy,
      ...more,
    }),
  );

describe('database-ready', () => {
  test('passes a reboot of a database that is available, with nothing pending, outside its maintenance window', () => {
    expect(asked()).toEqual({ answer: 'pass' });
    expect(databaseReady.check(guardInput({ policy: effective() }))).toEqual({ answer: 'pass' });
  });

  test.each<[string, Partial<DatabaseFacts>, Partial<GuardInput>]>([
    ['where the policy does not name it', {}, { policy: effective() }],
    ['of a database that is not there', {}, { facts: facts({ instance: null, database: null }) }],
    ['that would apply a change', { pending: ['DBInstanceClass'] }, {}],
    ['in a maintenance window that is long', { maintenanceWindow: 'fri:11:00-fri:13:00' }, {}],
    ['in a maintenance window over the end of the week', { maintenanceWindow: 'fri:11:00-mon:13:00' }, {}],
    ['where the maintenance window is left out', { maintenanceWindow: null }, {}],
    ['where the maintenance window is no window', { maintenanceWindow: 'at night' }, {}],
  ])('holds a reboot %s, for good', (_, change, more) => {
    const answer = asked(change, more);
    expect(answer).toMatchObject({ answer: 'hold' });
    expect(answer).not.toHaveProperty('passing');
  });

  test('waits for the end of a maintenance window that is near', () => {
    const answer = asked({ maintenanceWindow: 'fri:11:45-fri:12:15' });
    expect(answer).toMatchObject({ answer: 'hold', passing: true, until: noon + 15 * minute });
    expect(asked({ maintenanceWindow: 'fri:11:45-fri:12:15' }, { now: noon + 15 * minute })).toEqual({ answer: 'pass' });
  });

  test.each(['rebooting', 'modifying', 'backing-up', 'storage-optimization'] as const)('waits while it is %s', (state) => {
    expect(asked({ state })).toMatchObject({ answer: 'hold', passing: true });
  });

  test('holds what is in a state that it does not know', () => {
    expect(asked({ state: 'unknown' })).toMatchObject({ answer: 'hold', unseen: true });
  });

  test.each<[string, Partial<DatabaseFacts>, Partial<GuardInput>]>([
    ['a database that failed', { state: 'failed' }, {}],
    ['a database that is stopped', { state: 'stopped' }, {}],
    ['a member of a cluster', { cluster: 'shop' }, {}],
    ['what only an event of RDS reports', {}, { incident: incident({ alarm: null, kind: 'rds' }) }],
  ])('leaves %s to a person', (_, change, more) => {
    expect(asked(change, more)).toMatchObject({ answer: 'escalate' });
  });

  test.each(['starts', 'removesFromService', 'destroys', 'addsCapacity', 'changesAddress'] as const)(
    'holds whatever has the effect %s on a database',
    async (effect) => {
      expect(await asked({}, { action: { ...rebootDatabase, effects: [effect] } })).toMatchObject({ answer: 'hold' });
    },
  );
});
