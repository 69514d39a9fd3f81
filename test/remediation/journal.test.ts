import { describe, expect, test } from '@jest/globals';
import { explain } from '../../shared/aws/call.ts';
import type { CallError } from '../../shared/ports/call-result.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { simpleEngine } from './engine.ts';

const throttled = () => Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
const denied = () => Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });

const setUp = (options?: Parameters<typeof simpleEngine>[0], draw = 0.5) => {
  const engine = simpleEngine(options);
  return { ...engine, journal: createJournal(engine.durable, { now: engine.now, random: () => draw }) };
};
/** Fails with the errors given, one at a time, then answers. */
const failing = (...errors: unknown[]) => {
  let calls = 0;
  const run = async () => {
    const error = errors[calls++];
    if (error !== undefined) throw error;
    return 'answer';
  };
  return { run, calls: () => calls };
};

describe('journal', () => {
  test('brings the time and a random draw along with what a step returns', async () => {
    const { journal, now } = setUp();
    const result = await journal.persist('look', async (at) => at);
    expect(result).toEqual({ at: now(), draw: 0.5, value: { ok: true, value: 1_000_000 } });
    expect(journal.now()).toBe(now());
  });

  test('tries a throttled step again with backoff, and tells of it', async () => {
    const { journal, trail } = setUp();
    const { run, calls } = failing(throttled(), throttled());
    expect((await journal.persist('look', run)).value).toEqual({ ok: true, value: 'answer' });
    expect(calls()).toBe(3);
    expect(trail).toEqual(['look', 'look-backoff 3', 'look', 'look-backoff 5', 'look']);
    expect(journal.timeline.map(({ text }) => text)).toEqual([
      'look: ThrottlingException; try 2 of 12 in 3 s',
      'look: ThrottlingException; try 3 of 12 in 5 s',
    ]);
  });

  test('tries a step whose answer was lost again', async () => {
    const { journal } = setUp();
    const { run, calls } = failing(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    expect((await journal.persist('look', run)).value.ok).toBe(true);
    expect(calls()).toBe(2);
  });

  test('does not try again what was refused', async () => {
    const { journal } = setUp();
    const { run, calls } = failing(denied());
    expect((await journal.persist('look', run)).value).toMatchObject({ ok: false, error: { kind: 'refused', code: 'AccessDenied' } });
    expect(calls()).toBe(1);
  });

  test('gives up after its tries, and brings the error back as a value', async () => {
    const { journal, waits } = setUp();
    const { run, calls } = failing(...Array.from({ length: 99 }, throttled));
    const { value } = await journal.persist('emit', run, { initial: 2, cap: 10, attempts: 4 });
    expect(value).toMatchObject({ ok: false, error: { kind: 'throttled' } });
    expect(calls()).toBe(4);
    expect(waits()).toEqual([1, 2, 4]);
  });

  test('tries for a quarter of an hour at most where nothing else is said', async () => {
    const { journal, waits } = setUp(undefined, 1);
    await journal.persist('look', failing(...Array.from({ length: 99 }, throttled)).run);
    expect(waits()).toEqual([5, 10, 20, 40, 80, 120, 120, 120, 120, 120, 120]);
  });

  test('does not give up before the time that it is given, and does so at the first try after it', async () => {
    const { journal, now } = setUp();
    const { run } = failing(...Array.from({ length: 999 }, throttled));
    const { value } = await journal.persist('look', run, { initial: 5, cap: 120, attempts: 2 }, 1800);
    expect(value.ok).toBe(false);
    expect(now() - 1_000_000).toBeGreaterThanOrEqual(1800_000);
    expect(now() - 1_000_000).toBeLessThan(1800_000 + 121_000);
    // How many tries that will be nobody knows.
    expect(journal.timeline[0]?.text).toBe('look: ThrottlingException; try 2 in 3 s');
  });

  test('makes all its tries, though its time is over', async () => {
    const { journal } = setUp();
    const { run, calls } = failing(...Array.from({ length: 99 }, throttled));
    await journal.persist('look', run, { initial: 5, cap: 120, attempts: 6 }, 10);
    expect(calls()).toBe(6);
  });

  test('does not try what was refused for as long as it is given', async () => {
    const { journal, waits } = setUp();
    await journal.persist('look', failing(denied()).run, undefined, 1800);
    expect(waits()).toEqual([]);
  });

  test('runs a once-step a single time, however it fails', async () => {
    const { journal } = setUp();
    const { run, calls } = failing(throttled(), throttled());
    expect((await journal.once('act', run))?.value).toMatchObject({ ok: false, error: { kind: 'throttled' } });
    expect(calls()).toBe(1);
  });

  test('says null of a once-step whose process died, and keeps its time', async () => {
    const { journal } = setUp({ loses: () => true });
    await journal.persist('look', async () => 'x');
    expect(await journal.once('act', async () => 'never')).toBeNull();
    expect(journal.now()).toBe(1_000_000);
  });

  test('waits in whole seconds, at least one, and counts them', async () => {
    const { journal, trail } = setUp();
    await journal.persist('look', async () => 'x');
    for (const seconds of [0, 0.2, 1.4, 90.5]) await journal.wait('pause', seconds);
    expect(trail.slice(1)).toEqual(['pause 1', 'pause 1', 'pause 1', 'pause 91']);
    expect(journal.now()).toBe(1_000_000 + 94_000);
  });

  test('bounds a line of the timeline', () => {
    const { journal } = setUp();
    journal.note('look', 'x'.repeat(10_000));
    expect(journal.timeline[0]?.text).toHaveLength(600);
  });
});

describe('explaining an error', () => {
  const error = (change: Partial<CallError>): CallError => ({ kind: 'refused', code: 'AccessDenied', message: 'no', ...change });

  test('says its code and its words', () => {
    expect(explain(error({}))).toBe('AccessDenied: no');
  });

  test('says a code once where there are no words', () => {
    expect(explain(error({ message: 'AccessDenied' }))).toBe('AccessDenied');
  });
});
