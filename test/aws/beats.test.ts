import { describe, expect, test } from '@jest/globals';
import { createBeats } from '../../shared/aws/beats.ts';
import { noBeat } from '../../shared/ports/beats.ts';
import { emptyTable } from './table.ts';

const now = Date.parse('2026-03-02T09:00:10Z');
const [second, minute, hour] = [1000, 60_000, 3_600_000];
const name = 'nightly-export';

const open = async () => {
  const { client, TableName } = await emptyTable();
  return createBeats(client, TableName);
};

describe('the heartbeats in the ledger', () => {
  test('keep the time of the last beat, whatever order events come in', async () => {
    const beats = await open();
    expect(await beats.readBeat(name)).toEqual(noBeat);
    expect(await beats.countBeat(name, now, now)).toBe('counted');
    // An event that was on its way for long, and one from a clock that is ahead.
    await beats.countBeat(name, now - hour, now + second);
    expect((await beats.readBeat(name)).lastAt).toBe(now);
    await beats.countBeat(name, now + hour, now + 2 * second);
    expect((await beats.readBeat(name)).lastAt).toBe(now + 2 * second);
  });

  test('take sixty beats in a minute, and more in the next', async () => {
    const beats = await open();
    const taken = await Promise.all(Array.from({ length: 70 }, (_, i) => beats.countBeat(name, now + i, now + i)));
    expect(taken.filter((one) => one === 'counted')).toHaveLength(60);
    expect(await beats.countBeat('another', now, now)).toBe('counted');
    // A clock that is behind doesn't open the last minute once more.
    await beats.countBeat(name, now + minute, now + minute);
    for (let i = 1; i < 60; i++) await beats.countBeat(name, now, now);
    expect(await beats.countBeat(name, now + minute, now + minute)).toBe('too-many');
    expect(await beats.countBeat(name, now + 2 * minute, now + 2 * minute)).toBe('counted');
  });

  test('recover from a clock that was far ahead', async () => {
    const beats = await open();
    const wrong = now + 400 * 24 * hour;
    await beats.countBeat(name, wrong, wrong);
    expect(await beats.countBeat(name, now, now)).toBe('counted');
    expect((await beats.readBeat(name)).lastAt).toBe(now);
  });

  test('are watched since they were first seen with these due times', async () => {
    const beats = await open();
    await beats.watchBeat(name, 'every 24h', now);
    await beats.watchBeat(name, 'every 24h', now + hour);
    expect((await beats.readBeat(name)).watched).toEqual({ timing: 'every 24h', since: now });
    await beats.watchBeat(name, 'every 12h', now + hour);
    expect((await beats.readBeat(name)).watched).toEqual({ timing: 'every 12h', since: now + hour });
  });

  test('record a missed beat once, and not where a beat has come meanwhile', async () => {
    const beats = await open();
    await beats.countBeat(name, now, now);
    expect(await beats.noteMissed(name, { due: now + hour, lastAt: null })).toBe(false);
    expect(await beats.noteMissed(name, { due: now + hour, lastAt: now - 1 })).toBe(false);
    const tries = [1, 2, 3].map(() => beats.noteMissed(name, { due: now + hour, lastAt: now }));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect((await beats.readBeat(name)).missed).toEqual({ due: now + hour, lastAt: now, started: false });
    await beats.noteMissedStarted(name, now);
    expect((await beats.readBeat(name)).missed?.started).toBe(false);
    await beats.noteMissedStarted(name, now + hour);
    expect((await beats.readBeat(name)).missed?.started).toBe(true);
    await beats.noteResumed(name, now);
    expect((await beats.readBeat(name)).missed).not.toBeNull();
    await beats.noteResumed(name, now + hour);
    expect((await beats.readBeat(name)).missed).toBeNull();
  });

  test('are read together, those that are there', async () => {
    const beats = await open();
    const names = Array.from({ length: 100 }, (_, i) => `job-${i}`);
    for (const one of names.slice(0, 30)) await beats.countBeat(one, now, now);
    const found = await beats.readBeats(names);
    expect([...found.keys()].sort()).toEqual(names.slice(0, 30).sort());
    expect(found.get('job-7')).toEqual({ ...noBeat, lastAt: now });
  });

  test('know the last time in which nothing looked for them', async () => {
    const beats = await open();
    expect(await beats.noteLooked(now)).toBeNull();
    expect(await beats.noteLooked(now + 2 * minute)).toBeNull();
    const blind = { from: now + 2 * minute, to: now + 13 * minute };
    expect(await beats.noteLooked(now + 13 * minute)).toEqual(blind);
    expect(await beats.noteLooked(now + 15 * minute)).toEqual(blind);
    // A clock that goes back is no such time.
    expect(await beats.noteLooked(now - hour)).toEqual(blind);
    expect(await beats.noteLooked(now - hour + minute)).toEqual(blind);
  });
});
