import { describe, expect, test } from '@jest/globals';
import { concludeIncident } from '../../shared/model/outcome.ts';
import { outcomeSchema } from '../../shared/model/outcome-schema.ts';
import { isResolved, type Status, statuses } from '../../shared/model/status.ts';
import { incident, noon, outcome } from './examples.ts';

const ending = {
  status: 'healed' as Status,
  verified: true,
  reason: 'fine',
  endedAt: noon + 125_400,
  quiet: false,
  actions: [],
  timeline: [],
};

describe('outcome', () => {
  test('carries the incident and how it ended', () => {
    const { key, failure, severity, resource, account, region, playbook } = incident();
    expect(concludeIncident(incident(), ending)).toEqual({
      incident: key,
      failure,
      severity,
      resource,
      account,
      region,
      playbook,
      status: 'healed',
      verified: true,
      reason: 'fine',
      quiet: false,
      startedAt: '2026-11-20T12:00:00.000Z',
      endedAt: '2026-11-20T12:02:05.400Z',
      timeToRecoverSeconds: 125,
      actions: [],
      changes: [],
      likelyCause: null,
      changesNote: 'not asked',
      timeline: [],
    });
  });

  test('says what changed the resource, where somebody has asked', () => {
    const history = { changes: [], likelyCause: null, changesNote: null };
    expect(concludeIncident(incident(), { ...ending, history })).toMatchObject(history);
  });

  test('is what its schema says', () => {
    expect(outcomeSchema.parse(concludeIncident(incident(), ending))).toEqual(concludeIncident(incident(), ending));
    expect(outcomeSchema.safeParse({ ...outcome(), status: 'better' }).success).toBe(false);
  });

  test('has a time to recover only where it has recovered', () => {
    const timed = statuses.filter((status) => concludeIncident(incident(), { ...ending, status }).timeToRecoverSeconds !== null);
    expect(timed).toEqual(['healed', 'healed-itself']);
    expect(timed.every(isResolved)).toBe(true);
  });

  test('has none where it was told of more than a day after it had begun, by its own time', () => {
    const day = 24 * 3_600_000;
    const timeOf = (heard: number) =>
      concludeIncident(incident(), {
        ...ending,
        endedAt: heard + 60_000,
        timeline: [{ at: new Date(heard).toISOString(), phase: 'signal', text: 'x' }],
      }).timeToRecoverSeconds;
    expect([timeOf(noon + day), timeOf(noon + day + 1)]).toEqual([day / 1000 + 60, null]);
    // However long the treatment takes.
    const timeline = [{ at: new Date(noon).toISOString(), phase: 'signal' as const, text: 'x' }];
    expect(concludeIncident(incident(), { ...ending, endedAt: noon + 9 * day, timeline }).timeToRecoverSeconds).toBe((9 * day) / 1000);
  });

  test('never took less than no time, though clocks differ', () => {
    expect(concludeIncident(incident(), { ...ending, endedAt: noon - 5000 }).timeToRecoverSeconds).toBe(0);
  });
});
