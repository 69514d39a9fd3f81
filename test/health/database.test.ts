import { describe, expect, test } from '@jest/globals';
import { databaseIsAvailable } from '../../shared/health/database.ts';
import type { DatabaseFacts } from '../../shared/model/snapshot.ts';
import { database, facts, incident } from '../remediation/examples.ts';

const stateOf = (seen: DatabaseFacts | null, about = incident()) => {
  const look = facts({ instance: null, database: seen });
  return databaseIsAvailable.check({ facts: look, incident: about, before: look }).state;
};
const told = (eventId: string) => incident({ alarm: null, kind: 'rds', evidence: { eventId } });

describe('database-is-available', () => {
  test.each([
    ['available', 'healthy'],
    ['rebooting', 'unknown'],
    ['backing-up', 'unknown'],
    ['unknown', 'unknown'],
    ['failed', 'unhealthy'],
    ['storage-full', 'unhealthy'],
    ['stopped', 'unhealthy'],
  ] as const)('takes %s for %s', (state, expected) => {
    expect(stateOf(database({ state }))).toBe(expected);
  });

  test('is unknown for a database that is not there', () => {
    expect(stateOf(null)).toBe('unknown');
  });

  test('shows without an alarm only that a restart is over', () => {
    expect(stateOf(database(), told('RDS-EVENT-0006'))).toBe('healthy');
    expect(stateOf(database(), told('RDS-EVENT-0045'))).toBe('unknown');
    expect(stateOf(database({ state: 'rebooting' }), told('RDS-EVENT-0004'))).toBe('unknown');
  });
});
