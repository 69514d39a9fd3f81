import { describe, expect, test } from '@jest/globals';
import { createBeats } from '../../shared/aws/beats.ts';
import type { Beat } from '../../shared/model/beat.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { Beats } from '../../shared/ports/beats.ts';
import { sweepBeats } from '../../shared/recovery/beats.ts';
import { emptyTable } from '../aws/table.ts';
import { beat, day, hour, minute } from '../beats/examples.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const home = { account: '111122223333', region: 'us-east-1' };
const instance = { type: 'instance', id: 'i-0aa11bb22cc33dd44' } as const;
const job = beat({ every: '24h', grace: '1h', subject: instance, playbook: 'restart-instance' });
const { name } = job;

/** A ledger, sweeps at any time, and what they start: an execution of a name starts once. */
const open = async (watched: readonly Beat[] = [job], change: (beats: Beats) => Partial<Beats> = () => ({})) => {
  const { client, TableName } = await emptyTable();
  const real = createBeats(client, TableName);
  const beats = { ...real, ...change(real) };
  const started: Incident[] = [];
  let asked = 0;
  const fails: Error[] = [];
  let clock = start;
  const sweep = (at: number, given: readonly Beat[] = watched) => {
    clock = at;
    return sweepBeats({
      beats,
      watched: given,
      home,
      now: () => clock,
      start: async (incident) => {
        asked++;
        const error = fails.shift();
        if (error) throw error;
        if (started.some(({ key }) => key === incident.key)) return 'joined';
        started.push(incident);
        return 'started';
      },
    });
  };
  /** Every two minutes, as it is deployed. */
  const sweepUntil = async (from: number, to: number, every = 2 * minute) => {
    for (let at = from; at <= to; at += every) await sweep(at);
  };
  return {
    beats: real,
    started,
    asked: () => asked,
    fails,
    sweep,
    sweepUntil,
    comes: (at: number, of = name) => real.countBeat(of, at, at),
  };
};

describe('a sweep of heartbeats', () => {
  test('starts one incident for one silence, and the next only after beats have come again', async () => {
    const { sweep, started, comes } = await open();
    await sweep(start);
    await comes(start + minute);
    expect(await sweep(start + 25 * hour)).toEqual({ watched: 1, missed: 0, started: 0 });
    expect(await sweep(start + 25 * hour + minute)).toEqual({ watched: 1, missed: 1, started: 1 });
    for (const days of [2, 3, 30]) expect(await sweep(start + days * day)).toEqual({ watched: 1, missed: 1, started: 0 });
    expect(started).toHaveLength(1);
    await comes(start + 31 * day);
    expect(await sweep(start + 31 * day + minute)).toEqual({ watched: 1, missed: 0, started: 0 });
    await sweep(start + 33 * day);
    expect(started.map(({ at }) => at)).toEqual([start + day + minute, start + 32 * day]);
    expect(new Set(started.map(({ key }) => key)).size).toBe(2);
  });

  test('says what is missed, since when, and what the policy wants done', async () => {
    const { sweepUntil, started, comes } = await open([{ ...job, runbook: 'https://wiki.example.com/export' }]);
    await sweepUntil(start, start);
    await comes(start + minute);
    await sweepUntil(start + 23 * hour, start + 26 * hour, 8 * minute);
    expect(started).toMatchObject([
      {
        failure: 'application-down',
        severity: 'critical',
        kind: 'heartbeat',
        resource: instance,
        ...home,
        disposition: 'remediate',
        playbook: 'restart-instance',
        at: start + day + minute,
        alarm: null,
        reason: expect.stringContaining('no beat of nightly-export since 2026-03-02 09:01 UTC; the next was due 2026-03-03 09:01 UTC'),
        evidence: { beat: name, lastSeen: '2026-03-02T09:01:00.000Z', grace: '1h', runbook: 'https://wiki.example.com/export' },
      },
    ]);
  });

  test('leaves one without a playbook to people, whatever the policy has for the class, and one without a subject is its own', async () => {
    const { sweepUntil, started, comes } = await open([beat()]);
    await sweepUntil(start, start);
    await comes(start);
    await sweepUntil(start + 23 * hour, start + 26 * hour, 8 * minute);
    expect(started).toMatchObject([{ disposition: 'escalate', playbook: null, resource: { type: 'heartbeat', id: name } }]);
  });

  test('tells of one that never came once, and nothing is done about it', async () => {
    const { sweepUntil, started, comes } = await open();
    for (const days of [0, 2, 3]) await sweepUntil(start + days * day, start + days * day);
    expect(started).toMatchObject([
      { disposition: 'escalate', playbook: null, at: start + day, reason: expect.stringContaining('nightly-export has never sent a beat') },
    ]);
    // And when it comes after all, it is watched as any other.
    await comes(start + 3 * day);
    await sweepUntil(start + 4 * day - hour, start + 4 * day + 2 * hour, 8 * minute);
    expect(started.slice(1)).toMatchObject([{ disposition: 'remediate', at: start + 4 * day }]);
  });

  test('starts one incident wherever it dies', async () => {
    const dying = new Error('the process died');
    for (const place of ['start', 'noteMissed', 'noteMissedStarted'] as const) {
      let deaths = 0;
      const { sweep, started, comes, fails } = await open([job], (beats) =>
        place === 'start'
          ? {}
          : {
              [place]: async (...given: never[]) => {
                const result = await (beats[place] as (...all: never[]) => Promise<unknown>)(...given);
                if (deaths++ === 0) throw dying;
                return result;
              },
            },
      );
      await sweep(start);
      await comes(start);
      if (place === 'start') fails.push(dying);
      await expect(sweep(start + 26 * hour)).rejects.toThrow('1 heartbeats could not be handled: nightly-export: the process died');
      await sweep(start + 26 * hour + 2 * minute);
      await sweep(start + 26 * hour + 4 * minute);
      expect([place, started.map(({ at }) => at)]).toEqual([place, [start + day]]);
    }
  });

  test('starts one incident if several sweep at the same moment', async () => {
    const { sweep, started, comes } = await open();
    await sweep(start);
    await comes(start);
    await Promise.all([1, 2, 3, 4].map(() => sweep(start + 26 * hour)));
    expect(started).toHaveLength(1);
  });

  test('starts none for a beat that comes while it decides', async () => {
    const { sweep, started, comes } = await open([job], (beats) => ({
      noteMissed: async (...given) => {
        await beats.countBeat(name, start + 26 * hour, start + 26 * hour);
        return beats.noteMissed(...given);
      },
    }));
    await sweep(start);
    await comes(start);
    await sweep(start + 26 * hour);
    await sweep(start + 26 * hour + minute);
    expect(started).toEqual([]);
  });

  test('starts an incident of its own for each heartbeat, also of one instance and one due time', async () => {
    const both = ['first', 'second'].map((own) => ({ ...job, name: own }));
    const { sweep, started, comes } = await open(both);
    await sweep(start);
    for (const { name: own } of both) await comes(start, own);
    await sweep(start + 26 * hour);
    expect(new Set(started.map(({ key }) => key)).size).toBe(2);
  });

  test('goes on with the others if one fails', async () => {
    const both = ['first', 'second'].map((own) => ({ ...job, name: own }));
    const { sweep, started, comes, fails } = await open(both);
    await sweep(start);
    for (const { name: own } of both) await comes(start, own);
    fails.push(new Error('throttled'));
    await expect(sweep(start + 26 * hour)).rejects.toThrow('first: throttled');
    expect(started.map(({ evidence }) => evidence.beat)).toEqual(['second']);
  });

  test('takes no silence for a failure in which it did not look itself: it is told, and nothing is done', async () => {
    const { sweepUntil, started, comes } = await open();
    await sweepUntil(start, start);
    await comes(start);
    await sweepUntil(start + 23 * hour, start + 23 * hour);
    // For two hours nothing swept, and a beat at its due time may have been lost.
    await sweepUntil(start + 25 * hour + minute, start + 25 * hour + 3 * minute);
    expect(started).toMatchObject([
      { disposition: 'escalate', playbook: null, reason: expect.stringContaining('selfheal took no notice of beats from 2026-03-03') },
    ]);
  });

  test('acts on a silence that began after it looked again', async () => {
    const { sweepUntil, started, comes } = await open();
    await sweepUntil(start, start);
    await sweepUntil(start + 2 * hour, start + 2 * hour);
    await comes(start + 2 * hour);
    await sweepUntil(start + 25 * hour, start + 28 * hour, 8 * minute);
    expect(started).toMatchObject([{ disposition: 'remediate' }]);
  });

  test('starts no incident for a change of the policy, nor for a clock that goes back', async () => {
    const { sweep, started, comes } = await open();
    await sweep(start);
    await comes(start);
    await sweep(start + 10 * hour);
    await sweep(start - day);
    // It was due every day, and is due every hour from now on.
    const often = [{ ...job, every: '1h' }];
    await sweep(start + 12 * hour, often);
    await sweep(start + 13 * hour + 59 * minute, often);
    expect(started).toEqual([]);
    await sweep(start + 14 * hour, often);
    expect(started.map(({ at }) => at)).toEqual([start + 13 * hour]);
  });

  test('asks for nothing where the policy has no heartbeats', async () => {
    const refuse = async () => {
      throw new Error('nobody may ask');
    };
    const { sweep } = await open([], () => ({ noteLooked: refuse, readBeats: refuse }));
    expect(await sweep(start)).toEqual({ watched: 0, missed: 0, started: 0 });
  });
});
