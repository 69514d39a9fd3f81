import { attempt } from '../aws/call.ts';
import { type Backoff, backoffSeconds } from '../model/backoff.ts';
import { formatDuration } from '../model/duration.ts';
import type { GuardSaid, TimelineEntry } from '../model/outcome.ts';
import type { CallError, Result } from '../ports/call-result.ts';
import type { Checked, Durable } from '../ports/durable.ts';

/** The time and random draw of a step, checkpointed with its result, so that the driver itself needs neither a clock nor randomness. */
export type StepResult<T> = { at: number; draw: number; value: T };

/** What a journal needs. */
export type JournalDeps = {
  now: () => number;
  random: () => number;
  /** Fields of every log line. */
  about?: Record<string, unknown>;
};

/** What the last check of several came to: what is known by then, and the error if it failed. */
export type Polled<T> = { at: number; draw: number; value: T | null; error: CallError | null };

/** How a step is retried. */
export type Retried<T> = {
  /** Called before each wait, with the error and the seconds. */
  onFailure?: ((error: CallError, seconds: number) => Promise<void>) | undefined;
  /** Before when it isn't retried, in milliseconds since the epoch; null for whenever backoff says. */
  notBefore?: ((error: CallError) => Promise<number | null>) | undefined;
  /** A try that has just been made. */
  first?: StepResult<Result<T>> | undefined;
};

/** Retries of a throttled or uncertain read or record: about a quarter of an hour in all. */
const patience: Backoff = { initial: 5, cap: 120, attempts: 12 };

/**
 * Runs the driver's steps on the durable engine, waits with backoff, and records the timeline. Everything follows from step results, so a
 * replay gives the same.
 */
export const createJournal = (durable: Durable, deps: JournalDeps) => {
  const timeline: TimelineEntry[] = [];
  let time = 0;

  const note = (phase: TimelineEntry['phase'], text: string, answers?: GuardSaid[], limit = 600, at = time): void => {
    // External text is bounded: a timeline has to fit into one item.
    const entry = { at: new Date(at).toISOString(), phase, text: text.slice(0, limit) };
    timeline.push({ ...entry, ...(answers ? { answers } : {}) });
    durable.log?.(entry.text, { ...deps.about, phase, at: entry.at });
  };

  const stamp = async <T>(run: (at: number) => Promise<T>): Promise<StepResult<Result<T>>> => {
    const began = deps.now();
    const value = await attempt(() => run(began));
    return { at: deps.now(), draw: deps.random(), value };
  };

  const wait = async (name: string, seconds: number): Promise<void> => {
    const whole = Math.max(1, Math.round(seconds));
    await durable.wait(name, whole);
    time += whole * 1000;
  };

  /** Runs a step once, whatever its result. */
  const once = async <T>(name: string, run: (at: number) => Promise<T>): Promise<StepResult<Result<T>> | null> => {
    const result = await durable.once(name, () => stamp(run));
    if (result) time = result.at;
    return result;
  };

  /**
   * Runs a step, and retries it with backoff while it is throttled or uncertain, so `run` must be idempotent. It gives up after the
   * backoff's attempts, but not before `atLeastSeconds` have passed.
   */
  const persist = async <T>(
    name: string,
    run: (at: number) => Promise<T>,
    backoff: Backoff = patience,
    atLeastSeconds = 0,
    { onFailure, notBefore, first }: Retried<T> = {},
  ): Promise<StepResult<Result<T>>> => {
    let since: number | undefined;
    for (let tried = 1; ; tried++) {
      const result = tried === 1 && first ? first : await durable.step(name, () => stamp(run));
      time = result.at;
      since ??= time;
      const { value } = result;
      if (value.ok || value.error.kind === 'refused') return result;
      if (tried >= backoff.attempts && time - since >= atLeastSeconds * 1000) return result;
      const turn = (await notBefore?.(value.error)) ?? 0;
      const seconds = Math.max(backoffSeconds(tried, backoff, result.draw), (turn - time) / 1000);
      await onFailure?.(value.error, seconds);
      const most = atLeastSeconds > 0 ? '' : ` of ${backoff.attempts}`;
      note('wait', `${name}: ${value.error.code}; try ${tried + 1}${most} in ${formatDuration(seconds)}`);
      await wait(`${name}-backoff`, seconds);
    }
  };

  /** Runs `check` with the pauses that it asks for, until it asks for none or fails. Its result goes to the next one. */
  const poll = async <T>(name: string, check: (before: T | null, at: number, draw: number) => Promise<Checked<T>>): Promise<Polled<T>> => {
    const { value: polled } = await durable.poll<Polled<T>>(name, async (before) => {
      const known = before?.value ?? null;
      const draw = deps.random();
      const result = await attempt(() => check(known, deps.now(), draw));
      const at = deps.now();
      if (!result.ok) return { value: { at, draw, value: known, error: result.error }, again: null };
      const { value, again } = result.value;
      return { value: { at, draw, value, error: null }, again: again === null ? null : Math.max(1, Math.round(again)) };
    });
    time = polled.at;
    return polled;
  };

  return { timeline, note, wait, once, persist, poll, now: () => time };
};

export type Journal = ReturnType<typeof createJournal>;
