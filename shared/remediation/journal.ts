import { attempt } from '../aws/call.ts';
import { type Backoff, backoffSeconds } from '../model/backoff.ts';
import { formatDuration } from '../model/duration.ts';
import type { GuardSaid, TimelineEntry } from '../model/outcome.ts';
import type { CallError, Result } from '../ports/call-result.ts';
import type { Durable } from '../ports/durable.ts';

/** What a step brings along so that the driver itself needs no clock and no randomness: both are remembered with the result. */
export type Stamped<T> = { at: number; draw: number; value: T };

export type JournalDeps = {
  now: () => number;
  random: () => number;
  /** What every line of the logs is about. */
  about?: Record<string, unknown>;
};

/** Tries of a read or a record that is throttled or whose answer is lost: about a quarter of an hour in all. */
const patience: Backoff = { initial: 5, cap: 120, attempts: 12 };

/**
 * The driver's hands: it runs steps on the durable engine, waits with backoff, and writes down what happened. Everything in it
 * follows from what the steps returned, so a replay comes to the same.
 */
export const createJournal = (durable: Durable, deps: JournalDeps) => {
  const timeline: TimelineEntry[] = [];
  let time = 0;

  const note = (phase: TimelineEntry['phase'], text: string, answers?: GuardSaid[]): void => {
    // What came from outside is bounded: a timeline has to fit into one item.
    const entry = { at: new Date(time).toISOString(), phase, text: text.slice(0, 600) };
    timeline.push({ ...entry, ...(answers ? { answers } : {}) });
    durable.log?.(entry.text, { ...deps.about, phase, at: entry.at });
  };

  const stamp = async <T>(run: (at: number) => Promise<T>): Promise<Stamped<Result<T>>> => {
    const began = deps.now();
    const value = await attempt(() => run(began));
    return { at: deps.now(), draw: deps.random(), value };
  };

  const wait = async (name: string, seconds: number): Promise<void> => {
    const whole = Math.max(1, Math.round(seconds));
    await durable.wait(name, whole);
    time += whole * 1000;
  };

  /** Runs a step once, whatever it says. */
  const once = async <T>(name: string, run: (at: number) => Promise<T>): Promise<Stamped<Result<T>> | null> => {
    const result = await durable.once(name, () => stamp(run));
    if (result) time = result.at;
    return result;
  };

  /**
   * Runs a step, and again with backoff while it is throttled or its answer is lost; so `run` must bear being repeated. It is given up
   * after the backoff's attempts, but not before `atLeastSeconds` are over. Before
   * each wait `onFailure` learns why, and how long.
   */
  const persist = async <T>(
    name: string,
    run: (at: number) => Promise<T>,
    backoff: Backoff = patience,
    atLeastSeconds = 0,
    onFailure: (error: CallError, seconds: number) => Promise<void> = async () => {},
  ): Promise<Stamped<Result<T>>> => {
    let since: number | undefined;
    for (let tried = 1; ; tried++) {
      const result = await durable.step(name, () => stamp(run));
      time = result.at;
      since ??= time;
      const { value } = result;
      if (value.ok || value.error.kind === 'refused') return result;
      if (tried >= backoff.attempts && time - since >= atLeastSeconds * 1000) return result;
      const seconds = backoffSeconds(tried, backoff, result.draw);
      await onFailure(value.error, seconds);
      const most = atLeastSeconds > 0 ? '' : ` of ${backoff.attempts}`;
      note('wait', `${name}: ${value.error.code}; try ${tried + 1}${most} in ${formatDuration(seconds)}`);
      await wait(`${name}-backoff`, seconds);
    }
  };

  return { timeline, note, wait, once, persist, now: () => time };
};

export type Journal = ReturnType<typeof createJournal>;
