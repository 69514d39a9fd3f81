import { describe, expect, test } from '@jest/globals';
import type { ChannelId } from '../../shared/model/channel-id.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { Reporter } from '../../shared/ports/reporter.ts';
import { channelsOf, notifyBy } from '../../shared/remediation/channels.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { reportOutcome } from '../../shared/remediation/report.ts';
import { sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { simpleEngine } from './engine.ts';
import { channelsBy, noon, outcome } from './examples.ts';

type Failing = Partial<Record<ChannelId, { times: number; error: Error }>>;
const down = sdkError('InternalError', 500);
const denied = sdkError('AccessDenied', 403);
const throttled = sdkError('ThrottlingException', 400);

/** Tells an outcome, where some ways fail so many times; and what the ledger knows of it in the end. */
const report = async (
  failing: Failing,
  {
    told = [],
    meddle = () => ({}),
    chat = true,
  }: {
    told?: Outcome[];
    meddle?: (ledger: Ledger) => Partial<Ledger>;
    chat?: boolean;
  } = {},
) => {
  const engine = simpleEngine({ start: noon });
  const real = await emptyLedger();
  for (const one of told) await real.close(one);
  const done: string[] = [];
  const tries = new Map<string, number>();
  const tell =
    (name: ChannelId) =>
    async ({ status }: Outcome) => {
      const tried = (tries.get(name) ?? 0) + 1;
      tries.set(name, tried);
      const { times = 0, error } = failing[name] ?? {};
      if (tried <= times) throw error;
      done.push(`${name} ${status} after ${Math.round((engine.now() - noon) / 60_000)} min`);
    };
  const reporter: Reporter = {
    channels: channelsBy(tell).filter(({ id }) => chat || id !== 'chat'),
    undelivered: async (channel) => void done.push(`untold ${channel}`),
    interim: async () => {},
    digest: async () => {},
    requestApproval: async () => {},
  };
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  const ended = await reportOutcome(outcome(), [], { journal, ledger: { ...real, ...meddle(real) }, reporter }).then(
    ({ status }) => status,
    (error: Error) => error.message,
  );
  return { done, ended, tries, trail: engine.trail, record: await real.read(outcome().incident) };
};

describe('channels', () => {
  test('of a quiet outcome are those of machines', () => {
    const reporter = { channels: channelsBy(() => async () => {}) };
    expect(channelsOf(reporter, { quiet: false })).toEqual(reporter.channels);
    expect(channelsOf(reporter, { quiet: true }).map(({ id }) => id)).toEqual(['metrics', 'bus']);
  });

  test.each([
    ['that fails for the first time is not counted, since it is tried again', false, down, 0],
    ['that fails again is counted', true, down, 1],
    ['that is refused is counted at once', false, denied, 1],
  ])('one %s', async (_, again, error, times) => {
    const counted: unknown[] = [];
    const undelivered: Reporter['undelivered'] = async (...given) => void counted.push(given);
    const channel = { id: 'people', quiet: false, outcome: async () => Promise.reject(error) } as const;
    await expect(notifyBy(channel, outcome(), { reporter: { undelivered }, at: noon, again, unsure: false })).rejects.toBe(error);
    expect(counted).toEqual(Array(times).fill(['people', outcome().incident, noon]));
  });
});

describe('an outcome', () => {
  test('that all can be told is told in one pass, and nothing more is noted of it', async () => {
    const { done, ended, trail, record } = await report({});
    expect(done).toEqual(['metrics', 'bus', 'people', 'chat'].map((name) => `${name} healed after 0 min`));
    expect(ended).toBe('healed');
    expect(trail).not.toContain('note-notified');
    expect(record?.notified).toEqual([]);
  });

  test('is told every other channel before one that fails is tried again', async () => {
    const { done } = await report({ people: { times: 3, error: down } });
    expect(done.slice(0, 3)).toEqual(['metrics healed after 0 min', 'bus healed after 0 min', 'chat healed after 0 min']);
    expect(done.at(-1)).toMatch(/^people healed/);
    expect(done.filter((one) => one === 'untold people')).toHaveLength(2);
  });

  test('is tried by each channel that fails in its own time, none waiting for another', async () => {
    const { done } = await report({ people: { times: 10, error: down }, bus: { times: 1, error: down } });
    expect(done).toContain('bus healed after 1 min');
    expect(done.indexOf('bus healed after 1 min')).toBeLessThan(done.findIndex((one) => one.startsWith('people')));
  });

  test('leaves in the ledger who has been told, should the rest fail for good', async () => {
    const { ended, record, tries } = await report({ bus: { times: 99, error: denied } });
    expect(ended).toBe(`incident ${outcome().incident} ended healed, but tell-bus: AccessDenied: words`);
    expect(record?.notified).toEqual(['metrics', 'people', 'chat']);
    expect(tries.get('bus')).toBe(1);
  });

  test('notes who was told later, too, and the first pass in one write', async () => {
    const { record, trail } = await report({ people: { times: 2, error: down }, bus: { times: 999, error: throttled } });
    expect(record?.notified).toEqual(['metrics', 'people', 'chat']);
    expect(trail.filter((name) => name === 'note-notified')).toHaveLength(2);
  });

  test('counts a channel as told that was told again and again without an answer, so that nobody begins anew', async () => {
    const { record, ended } = await report({ people: { times: 999, error: down } });
    expect(record?.notified).toContain('people');
    expect(ended).toMatch(/tell-people: /);
  });

  test('notes it at last where the ledger did not take it at first', async () => {
    let tried = 0;
    const { record } = await report(
      { bus: { times: 1, error: denied } },
      {
        meddle: ({ noteNotified }) => ({
          noteNotified: async (...given) => (++tried <= 4 ? Promise.reject(down) : noteNotified(...given)),
        }),
      },
    );
    expect(record?.notified).toEqual(['metrics', 'people', 'chat']);
  });

  test('is not told where another one stands: that one is, to those who do not know it', async () => {
    const stands = outcome({ status: 'failed', endedAt: '2026-11-20T12:01:00.000Z' });
    const { done, ended } = await report(
      {},
      { told: [stands], meddle: (ledger) => ({ read: async (key) => ({ ...(await ledger.read(key)), notified: ['people'] }) as never }) },
    );
    expect(done).toEqual(['metrics failed after 0 min', 'bus failed after 0 min', 'chat failed after 0 min']);
    expect(ended).toBe('failed');
  });

  test('that can not be recorded is told within minutes, recorded later, and no failure', async () => {
    let tried = 0;
    const { done, ended, record } = await report(
      {},
      { meddle: ({ close }) => ({ close: async (what) => (++tried <= 9 ? Promise.reject(down) : close(what)) }) },
    );
    expect(done).toHaveLength(4);
    for (const one of done) expect(one).toMatch(/ after [01] min$/);
    expect([ended, record?.outcome?.status]).toEqual(['healed', 'healed']);
  });

  test('that can never be recorded has been told all the same', async () => {
    const { done, ended } = await report({}, { meddle: () => ({ close: async () => Promise.reject(denied) }), chat: false });
    expect(done).toHaveLength(3);
    expect(ended).toBe('healed');
  });
});
