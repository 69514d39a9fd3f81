import { describe, expect, test } from '@jest/globals';
import { beatArrived } from '../../shared/health/beat.ts';
import { facts, incident, noon } from '../remediation/examples.ts';

const check = (lastAt: number | null | undefined) => {
  const seen = facts(lastAt === undefined ? {} : { beat: { name: 'export', lastAt } });
  return beatArrived.check({ facts: seen, incident: incident({ at: noon, kind: 'heartbeat', evidence: { beat: 'export' } }), before: seen })
    .state;
};

describe('beat-arrived', () => {
  test.each([
    ['healthy once a beat has come for the missed one', noon, 'healthy'],
    ['healthy for one that came a minute early, since clocks differ', noon - 60_000, 'healthy'],
    ['unhealthy while the last beat is of before', noon - 60_001, 'unhealthy'],
    ['unknown of what has never sent a beat', null, 'unknown'],
    ['unknown where the ledger was not asked', undefined, 'unknown'],
  ])('is %s', (_, lastAt, state) => {
    expect(check(lastAt)).toBe(state);
  });
});
