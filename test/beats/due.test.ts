import { describe, expect, test } from '@jest/globals';
import { missedBeat, timingOf } from '../../shared/beats/due.ts';
import { type BeatRecord, noBeat } from '../../shared/ports/beats.ts';
import { beat, day, hour } from './examples.ts';

const at = (text: string): number => Date.parse(text);
const since = at('2026-03-01T00:00:00Z');
const record = (change: Partial<BeatRecord> = {}): BeatRecord => ({ ...noBeat, watched: { timing: '', since }, ...change });

describe('a heartbeat every 24 hours with an hour of grace', () => {
  const lastAt = at('2026-03-05T02:10:00Z');
  test.each([
    ['while its grace lasts', lastAt + 25 * hour - 1, null],
    ['once its grace is over', lastAt + 25 * hour, lastAt + day],
    ['long after', lastAt + 40 * day, lastAt + day],
    ['where the clock has gone back', lastAt - hour, null],
  ])('is missed %s, or not', (_, now, due) => {
    expect(missedBeat(beat(), record({ lastAt }), now)).toBe(due);
  });

  test('that never came is due for the first time a day after it is watched', () => {
    expect(missedBeat(beat(), record(), since + 25 * hour - 1)).toBeNull();
    expect(missedBeat(beat(), record(), since + 25 * hour)).toBe(since + day);
  });

  test('that is not watched yet is not missed, nor is one before the change of its due times', () => {
    expect(missedBeat(beat(), { ...noBeat, lastAt }, lastAt + 40 * day)).toBeNull();
    const changed = record({ lastAt, watched: { timing: '', since: lastAt + 20 * day } });
    expect(missedBeat(beat(), changed, lastAt + 20 * day + hour)).toBeNull();
    expect(missedBeat(beat(), changed, lastAt + 21 * day + hour)).toBe(lastAt + 21 * day);
  });
});

describe('a heartbeat at half past two on weekdays, in Berlin', () => {
  const weekdays = beat({ schedule: 'cron(30 2 ? * MON-FRI *)', timeZone: 'Europe/Berlin' });
  const missed = (lastAt: string, now: string) => {
    const due = missedBeat(weekdays, record({ lastAt: at(lastAt) }), at(now));
    return due && new Date(due).toISOString();
  };

  test('is not due on the weekend', () => {
    // A Friday's, asked for until the Monday.
    expect(missed('2026-03-06T01:40:00Z', '2026-03-09T02:29:59Z')).toBeNull();
    expect(missed('2026-03-06T01:40:00Z', '2026-03-09T02:30:00Z')).toBe('2026-03-09T01:30:00.000Z');
  });

  test('may be a minute early, since clocks differ, and no more', () => {
    expect(missed('2026-03-09T01:29:00Z', '2026-03-09T12:00:00Z')).toBeNull();
    expect(missed('2026-03-09T01:28:59Z', '2026-03-09T12:00:00Z')).toBe('2026-03-09T01:30:00.000Z');
  });

  test('is due at the new hour once clocks have changed', () => {
    expect(missed('2026-03-27T01:40:00Z', '2026-03-30T01:29:59Z')).toBeNull();
    expect(missed('2026-03-27T01:40:00Z', '2026-03-30T01:30:00Z')).toBe('2026-03-30T00:30:00.000Z');
  });

  test('that came late is not missed, and one that stays away is missed by its newest due time', () => {
    expect(missed('2026-03-09T05:00:00Z', '2026-03-09T12:00:00Z')).toBeNull();
    expect(missed('2026-03-09T05:00:00Z', '2026-03-12T12:00:00Z')).toBe('2026-03-12T01:30:00.000Z');
  });
});

describe('a heartbeat at half past two every day, in Berlin', () => {
  const daily = beat({ schedule: 'cron(30 2 * * ? *)', timeZone: 'Europe/Berlin', grace: '10m' });

  test('is not due on the night on which that time does not exist', () => {
    expect(missedBeat(daily, record({ lastAt: at('2026-03-28T01:35:00Z') }), at('2026-03-30T00:39:59Z'))).toBeNull();
  });

  test('counts on the night on which that time comes twice, at either, and is late only after the second', () => {
    const before = record({ lastAt: at('2026-10-24T00:35:00Z') });
    expect(missedBeat(daily, before, at('2026-10-25T01:39:59Z'))).toBeNull();
    expect(missedBeat(daily, before, at('2026-10-25T01:40:00Z'))).toBe(at('2026-10-25T00:30:00Z'));
    for (const lastAt of ['2026-10-25T00:31:00Z', '2026-10-25T01:31:00Z'])
      expect(missedBeat(daily, record({ lastAt: at(lastAt) }), at('2026-10-25T12:00:00Z'))).toBeNull();
  });
});

describe('the due times of a heartbeat', () => {
  test('have changed if its period, its schedule or its zone has, and not by its grace', () => {
    const zone = { schedule: 'cron(30 2 * * ? *)', timeZone: 'Europe/Berlin' };
    const all = [beat(), beat({ every: '12h' }), beat({ schedule: zone.schedule }), beat(zone)].map(timingOf);
    expect(new Set(all).size).toBe(4);
    expect(timingOf(beat({ grace: '2h' }))).toBe(timingOf(beat()));
  });
});
