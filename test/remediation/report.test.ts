import { describe, expect, test } from '@jest/globals';
import type { ChannelId } from '../../shared/model/channel-id.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { Reporter } from '../../shared/ports/reporter.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { reportOutcome } from '../../shared/remediation/report.ts';
import { sdkError } from '../aws/recorder.ts';
import { simpleEngine } from './engine.ts';
import { channelsBy, outcome, usualChannels } from './examples.ts';

type Part = 'release' | 'close' | ChannelId;
const leases = [
  { account: '123456789012', region: 'us-east-1', type: 'instance', id: 'i-1' },
  { account: '123456789012', region: 'us-east-1', type: 'group-place', id: 'web/0' },
];

const lost = sdkError('InternalError', 500);
const throttled = sdkError('ThrottlingException', 400);

/** Reports, where the parts named fail so many times. */
const report = async (
  failing: Partial<Record<Part, number>> = {},
  change: Parameters<typeof outcome>[0] = {},
  error: Error | ((tried: number) => Error) = lost,
) => {
  const engine = simpleEngine();
  const done: string[] = [];
  const tries = new Map<Part, number>();
  let notified: ChannelId[] | null = null;
  const part =
    (name: Part, say: (...given: unknown[]) => string = () => name) =>
    async (...given: unknown[]) => {
      const tried = (tries.get(name) ?? 0) + 1;
      tries.set(name, tried);
      if (tried <= (failing[name] ?? 0)) throw typeof error === 'function' ? error(tried) : error;
      done.push(say(...given));
      return true;
    };
  const ledger = {
    release: part('release', (what) => `release ${(what as { id: string }).id}`),
    close: part('close'),
    noteNotified: async (_: string, channels: readonly ChannelId[]) => {
      notified = [...channels];
    },
  } as unknown as Ledger;
  const repeats: Part[] = [];
  const channel = (name: Part) => {
    const tell = part(name);
    return async (told: unknown, repeat = false) => {
      if (repeat) repeats.push(name);
      await tell(told);
    };
  };
  const reporter = { channels: channelsBy(channel), undelivered: async () => {} } as unknown as Reporter;
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  const failed = await reportOutcome(outcome(change), leases, { journal, ledger, reporter }).then(
    () => null,
    (error: Error) => error.message,
  );
  return { done, failed, notified, repeats, tries: Object.fromEntries(tries), seconds: engine.now() / 1000 - 1000, trail: engine.trail };
};

describe('the end of an incident', () => {
  test('frees all that it holds, is recorded, and only then counted and told: to programs with the record, then to people', async () => {
    const { done, failed } = await report();
    expect(done).toEqual(['release i-1', 'release web/0', 'close', 'metrics', 'bus', 'people', 'chat']);
    expect(failed).toBeNull();
  });

  test('takes a step for each channel of people, and none for programs, which a copy does no harm; one that fails is told for itself', async () => {
    const steps = async (...given: Parameters<typeof report>) => (await report(...given)).trail.filter((entry) => !/ \d+$/.test(entry));
    expect(await steps()).toEqual(['record', 'tell-people', 'tell-chat']);
    expect((await report({ people: 999 }, {}, sdkError('AuthorizationError', 403))).notified).toEqual(['metrics', 'chat', 'bus']);
  });

  test('keeps nobody waiting where a program can not be told with the record: it is told once more later, when and as often as anybody', async () => {
    const once = await report({ bus: 1 });
    expect(once.done.slice(2)).toEqual(['close', 'metrics', 'people', 'chat', 'bus']);
    // An answer was lost, so that it may be a copy.
    expect([once.repeats, once.tries.bus, once.seconds]).toEqual([['bus'], 2, 30]);
    expect(once.trail).toEqual(['record', 'tell-people', 'tell-chat', 'note-notified', 'tell-wait 30', 'tell-bus']);
    const denied = await report({ bus: 999 }, {}, sdkError('AccessDeniedException', 400));
    expect([denied.tries.bus, denied.notified]).toEqual([1, ['metrics', 'people', 'chat']]);
    expect(denied.failed).toMatch(/but tell-bus: AccessDeniedException/);
    const { tries, seconds } = await report({ bus: 999 }, {}, throttled);
    expect([tries.bus, seconds]).toEqual([60, (await report({ people: 999 }, {}, throttled)).seconds]);
  });

  test('is told each channel once where its record comes later', async () => {
    const { tries } = await report({ close: 12 });
    expect(tries).toMatchObject({ close: 13, metrics: 1, people: 1, chat: 1, bus: 1 });
  });

  test('that nobody need hear of is recorded, emitted and counted', async () => {
    expect((await report({}, { quiet: true })).done).toEqual(['release i-1', 'release web/0', 'close', 'metrics', 'bus']);
  });

  test('is told although it can not be recorded for minutes, and recorded later', async () => {
    const { done, failed } = await report({ close: 12 });
    expect(done.slice(2)).toEqual(['metrics', 'people', 'chat', 'bus', 'close']);
    expect(failed).toBeNull();
  });

  test('waits for its record no longer than some minutes', async () => {
    const { trail } = await report({ close: 999 });
    const told = trail.indexOf('tell-people');
    const waited = trail.slice(0, told).flatMap((entry) => entry.match(/^record-backoff (\d+)$/)?.[1] ?? []);
    expect(waited.reduce((sum, seconds) => sum + Number(seconds), 0)).toBeLessThan(5 * 60);
  });

  test('is not kept waiting by a lease that can not be given back', async () => {
    const { done, seconds } = await report({ release: 999 });
    expect(done).toEqual(['close', 'metrics', 'bus', 'people', 'chat']);
    expect(seconds).toBeLessThan(60);
  });

  test.each(usualChannels)('where %s fails for hours is told in every other way, once each', async (name) => {
    const { done, tries, failed, trail } = await report({ [name]: 30 }, {}, throttled);
    const waits = trail.flatMap((entry) => entry.match(/^tell-wait (\d+)/)?.[1] ?? []).map(Number);
    // Half an hour at most, of which this draws the half.
    expect(Math.max(...waits)).toBe(900);
    expect(failed).toBeNull();
    expect(done.filter((one) => !one.startsWith('release')).sort()).toEqual(['bus', 'chat', 'close', 'metrics', 'people']);
    expect(tries[name]).toBe(31);
  });

  test('that could not be told in most of a day fails, and names what could not be done; the rest has been done', async () => {
    const { done, failed, seconds } = await report({ people: 999, bus: 999 });
    expect(failed).toMatch(/ended healed, but tell-people: InternalError: words; tell-bus: InternalError: words$/);
    expect(done.slice(2)).toEqual(['close', 'metrics', 'chat']);
    expect(seconds).toBeGreaterThan(12 * 3600);
    expect((await report({ bus: 999 })).failed).toMatch(/but tell-bus: InternalError: words$/);
  });

  test('says of what may have been told before that it is told again, and what was only throttled is not', async () => {
    expect((await report({ people: 2 })).repeats).toEqual(['people', 'people']);
    expect((await report({ people: 2 }, {}, throttled)).repeats).toEqual([]);
  });

  test('that is refused after answers were lost is left to the sweep, and what only was never confirmed is not', async () => {
    const denied = sdkError('AuthorizationError', 403);
    const refused = await report({ people: 999 }, {}, (tried) => (tried < 3 ? lost : denied));
    expect(refused).toMatchObject({ failed: expect.stringContaining('tell-people: AuthorizationError'), tries: { people: 3 } });
    expect(refused.notified).toEqual(['metrics', 'chat', 'bus']);
    expect((await report({ people: 999 })).notified).toContain('people');
  });

  test('that nobody confirms is told ever more seldom, for a day at most', async () => {
    const { tries, seconds } = await report({ people: 999 });
    expect(tries.people).toBe(48);
    // Each pause is half of what it may be at most: up to an hour.
    expect(seconds).toBe(30 + 60 + 120 + 240 + 480 + 960 + 41 * 1800);
  });

  test('that is throttled is tried for most of a day, every quarter of an hour at last', async () => {
    const { tries, seconds, failed } = await report({ people: 999 }, {}, throttled);
    expect(tries.people).toBe(60);
    expect(seconds).toBe(3 + 5 + 10 + 20 + 40 + 80 + 160 + 320 + 640 + 50 * 900);
    expect(failed).toMatch(/but tell-people: ThrottlingException: words$/);
  });
});
