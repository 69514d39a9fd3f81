import type { Action, ActionStep } from '../actions/action.ts';
import type { CallError } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import type { Facts } from '../aws/facts.ts';
import type { KillSwitch } from '../aws/kill-switch.ts';
import type { Attempt, Ledger } from '../aws/ledger.ts';
import type { Resource } from '../failures/verdict.ts';
import type { Policy } from '../policy.ts';
import { type Backoff, backoffSeconds } from './backoff.ts';
import { formatDuration } from './duration.ts';
import { explain, type Journal } from './journal.ts';
import type { ActionRecord } from './outcome.ts';

/**
 * How a try of an action went.
 * - `acted`: it was done, or may have been done: verification has the word.
 * - `not-done`: it certainly had no effect, and may be tried again later.
 * - `refused`: it certainly had no effect, and trying again is of no use.
 * - `half-done`: an earlier step took effect and a later one didn't.
 */
export type Performed = { result: 'acted' } | { result: 'not-done' | 'refused' | 'half-done'; error: CallError };

export type PerformInput = {
  incident: string;
  action: Action;
  target: Resource;
  facts: Facts;
  policy: Policy;
  dryRun: boolean;
  attempt: number;
  /** Attempts on the target so far, those out of the window left out. */
  attempts: readonly Attempt[];
};

export type PerformDeps = {
  journal: Journal;
  clients: Clients;
  ledger: Ledger;
  /** Asked again before every further call of an action: what is switched off stays as it is until it is switched on again. */
  killSwitch: KillSwitch;
  /** A fresh look, or null if none could be had. */
  look: () => Promise<Facts | null>;
  record: (action: ActionRecord) => void;
};

const interrupted: CallError = { kind: 'uncertain', code: 'Interrupted', message: 'the process died during the call' };

/** An instance that we have stopped must not stay so because EC2 is busy: hours of trying. */
const finishing: Backoff = { initial: 15, cap: 600, attempts: 50 };

/** Between an action and the first look at what came of it, in seconds: describe calls lag behind. */
export const settling = 30;

const poll: Backoff = { initial: 5, cap: 60, attempts: Number.POSITIVE_INFINITY };

/**
 * Does one action, step by step. The attempt is written into the ledger before the first call, which also proves that the lease
 * still holds; each call runs at most once, and after one whose fate is uncertain a fresh look decides.
 */
export const perform = async (
  input: PerformInput,
  { journal, clients, ledger, killSwitch, look, record }: PerformDeps,
): Promise<Performed> => {
  const { incident, action, target, policy, dryRun, attempt, attempts } = input;
  let facts = input.facts;
  let begun = false;

  const callOnce = (step: ActionStep) =>
    journal.once(`act-${action.id}-${step.name}`, async (at) => {
      if (begun && (await killSwitch.read(at)) !== 'on')
        throw Object.assign(new Error('selfheal is switched off'), { name: 'SwitchedOff' });
      if (!begun && !dryRun) await noting(() => ledger.recordAttempt(target, { at, action: action.id, incident }, attempts));
      await step.call(clients, { target, facts, policy, dryRun });
    });

  const doStep = async (step: ActionStep): Promise<Performed> => {
    for (let tried = 1; ; tried++) {
      const answer = await callOnce(step);
      const error = answer === null ? interrupted : answer.value.ok ? null : answer.value.error;
      const result =
        error === null ? (dryRun ? 'would' : 'done') : error.code === notRecorded ? 'not begun' : `${error.kind}: ${error.code}`;
      record({ action: action.id, target: target.id, attempt, at: new Date(journal.now()).toISOString(), result });
      journal.note('act', `${action.id} (${step.name}): ${error ? `${result}, ${error.message}` : result}`);
      if (error === null) return { result: 'acted' };
      if (error.kind === 'refused' || error.code === notRecorded) {
        return { result: begun ? 'half-done' : error.kind === 'refused' ? 'refused' : 'not-done', error };
      }
      if (error.kind === 'uncertain') {
        await journal.wait(`act-${action.id}-settling`, settling);
        const seen = await look();
        if (seen) facts = seen;
        if (seen && step.done?.(seen)) return { result: 'acted' };
        // Nobody can see whether it was done: then it counts as done, and isn't done again before verification has spoken.
        if (!step.done) return { result: 'acted' };
      }
      // A first step goes back to the guards, and counts as another attempt. What has begun has to be brought to its end here.
      if (!begun) return { result: 'not-done', error };
      if (tried >= finishing.attempts) return { result: 'half-done', error };
      const seconds = backoffSeconds(tried, finishing, answer?.draw ?? 1);
      journal.note('wait', `${action.id} (${step.name}): try ${tried + 1} of ${finishing.attempts} in ${formatDuration(seconds)}`);
      await journal.wait(`act-${action.id}-backoff`, seconds);
      facts = (await look()) ?? facts;
      if (step.done?.(facts)) return { result: 'acted' };
    }
  };

  /** Looks until the step has settled, or its time is over. */
  const settle = async ({ when, within }: NonNullable<ActionStep['settled']>, name: string): Promise<CallError | null> => {
    const since = journal.now();
    for (let looks = 1; ; looks++) {
      const seen = await look();
      if (seen) facts = seen;
      if (seen && when(seen)) return null;
      const left = within - (journal.now() - since) / 1000;
      if (left <= 0)
        return { kind: 'uncertain', code: 'NotSettled', message: `${name} had not taken effect after ${formatDuration(within)}` };
      // Without a draw of its own: these looks disturb nobody, and a plain doubling is easier to read.
      await journal.wait(`settle-${name}`, Math.min(left, backoffSeconds(looks, poll, 1)));
    }
  };

  for (const step of action.steps) {
    if (!step.done?.(facts)) {
      const performed = await doStep(step);
      if (performed.result !== 'acted') return performed;
    }
    begun = true;
    if (dryRun) return { result: 'acted' };
    if (step.settled) {
      const error = await settle(step.settled, step.name);
      if (error) {
        journal.note('act', explain(error));
        return { result: 'half-done', error };
      }
    }
  }
  return { result: 'acted' };
};

const notRecorded = 'AttemptNotRecorded';

/** An attempt that can't be written down must not be made; nothing has been done to the resource then. */
const noting = async (write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    throw Object.assign(new Error((error as Error).message), { name: notRecorded });
  }
};
