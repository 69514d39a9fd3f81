import type { Action, ActionStep } from '../actions/action.ts';
import { explain, isDenied, attempt as tryCall } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { replacementKey } from '../aws/replacements.ts';
import { failsYoung } from '../guards/group-budget.ts';
import { type Backoff, backoffSeconds, brief } from '../model/backoff.ts';
import { clockTime, formatDuration } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import type { ActionRecord } from '../model/outcome.ts';
import { placedAt } from '../model/place.ts';
import type { Policy } from '../model/policy.ts';
import type { Resource } from '../model/resource.ts';
import type { Facts } from '../model/snapshot.ts';
import { stopCause } from '../model/state-reason.ts';
import type { CallError } from '../ports/call-result.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import { type Attempt, LeaseLost, type Ledger } from '../ports/ledger.ts';
import type { Replacements } from '../ports/replacements.ts';
import type { Journal } from './journal.ts';
import type { LateWord } from './late.ts';

/**
 * How a try of an action went.
 * - `acted`: it was done, or may have been done, if there is an error: verification has the word.
 * - `not-done`: it certainly had no effect, and may be tried again later.
 * - `refused`: it certainly had no effect, and trying again is of no use.
 * - `half-done`: an earlier step took effect and a later one didn't.
 */
export type Performed = { result: 'acted'; uncertain?: CallError } | { result: 'not-done' | 'refused' | 'half-done'; error: CallError };

export type PerformInput = {
  incident: Pick<Incident, 'key' | 'account' | 'region'>;
  action: Action;
  target: Resource;
  facts: Facts;
  policy: Policy;
  dryRun: boolean;
  attempt: number;
  /** Attempts on the target so far, those out of the window left out. */
  attempts: readonly Attempt[];
  /** Replacements so far that this one is to be counted with; none where it isn't one that counts. */
  replacements: readonly Replacements[];
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
  late?: Pick<LateWord, 'failing'>;
  /** Asks whether what has begun may still be gone on with: null, or why not. */
  mayGoOn?: (seen: Facts) => Promise<{ reason: string; passing: boolean } | null>;
};

const interrupted: CallError = { kind: 'uncertain', code: 'Interrupted', message: 'the process died during the call' };

/** An instance that we have stopped must not stay so because EC2 is busy: hours of trying. */
const finishing: Backoff = { initial: 15, cap: 600, attempts: 50 };
/** What EC2 refuses a call with that comes too early, while the step before still takes effect. */
const tooEarly = new Set(['IncorrectInstanceState']);

/** Between an action and the first look at what came of it, in seconds: describe calls lag behind. */
export const settling = 30;

const poll: Backoff = { initial: 5, cap: 60, attempts: Number.POSITIVE_INFINITY };

/**
 * Does one action, step by step. The attempt is written into the ledger before the first call, which also proves that the lease
 * still holds; each call runs at most once, and after one whose fate is uncertain a fresh look decides.
 */
export const perform = async (
  input: PerformInput,
  { journal, clients, ledger, killSwitch, look, record, late, mayGoOn }: PerformDeps,
): Promise<Performed> => {
  const { action, target, policy, dryRun, attempt, attempts, replacements } = input;
  const isDone = (step: ActionStep, seen: Facts): boolean => step.done?.(seen, { before: input.facts, policy }) ?? false;
  const incident = input.incident.key;
  const leased = placedAt(input.incident, target);
  let facts = input.facts;
  let begun = false;
  /** When EC2 says that our own stop was, once it has been seen. */
  let ownStop: number | null = null;
  let why = '';

  /** Both before the call: what the ledger can't be told must not be done. */
  const noteBegun = (step: ActionStep, at: number) =>
    noting(async () => {
      await ledger.recordAttempt(leased, { at, action: action.id, incident }, attempts);
      for (const known of replacements) {
        const young = facts.instance !== null && failsYoung(facts.instance, known.earlier, at);
        await ledger.recordReplacement(known, { at, key: replacementKey(incident, target.id), young });
      }
      const out = step.takesOut ? { instance: target.id, group: facts.instance?.groupName ?? null } : null;
      await ledger.noteBegun(incident, { at, action: action.id, target, attempt }, journal.timeline, out);
    });

  const callOnce = (step: ActionStep) =>
    journal.once(`act-${action.id}-${step.name}`, async (at) => {
      if (begun) {
        if ((await killSwitch.read(at)) !== 'on') throw Object.assign(new Error('selfheal is switched off'), { name: 'SwitchedOff' });
        // A ledger that can't be asked must not leave half done what has begun; one that says no must.
        const lease = await tryCall(() => ledger.acquire(leased, incident, at, at + policy.lease.seconds * 1000));
        if (lease.ok && !lease.value.acquired) {
          throw new LeaseLost(`incident ${lease.value.holder} now holds ${target.type} ${target.id}`);
        }
      }
      if (!begun && !dryRun) await noteBegun(step, at);
      await step.call(clients, { target, facts, policy, dryRun });
    });

  /** What certainly had no effect spends no budget. */
  const forget = async () => {
    await journal.persist('forget', () => ledger.forgetAttempt(leased, incident, attempts), brief);
    for (const known of replacements) {
      await journal.persist('forget-replacement', () => ledger.forgetReplacement(known), brief);
    }
  };

  /** People are told of what is out of service; what keeps it there they want to know, too. */
  const noteWhyOut = async (error: CallError) => {
    if (error.code === why) return;
    why = error.code;
    await journal.persist('note-why', () => ledger.noteWhyOut(incident, explain(error)), brief);
  };

  /** Whoever has stopped it again since our own stop wants it so. */
  const stoppedByAnother = (): CallError | null => {
    const { state, stoppedAt = null, stateReason = null } = facts.instance ?? {};
    if (ownStop === null || state !== 'stopped' || stoppedAt === null || stoppedAt <= ownStop) return null;
    if (stopCause(stateReason) !== 'on-purpose') return null;
    return {
      kind: 'refused',
      code: 'StoppedByAnother',
      message: `it was stopped again at ${clockTime(stoppedAt)}, so selfheal leaves it stopped`,
    };
  };

  /** Looks until the step has settled, its time is over, or nobody can see it any more. */
  const settle = async ({ when, within, failed }: NonNullable<ActionStep['settled']>, name: string): Promise<Settled> => {
    const since = journal.now();
    const before = facts;
    for (let looks = 1; ; looks++) {
      const seen = await look();
      // Blind, the next call is still the right one: EC2 refuses what comes too early. What was seen before the call doesn't hold any more.
      if (!seen) {
        facts = { ...facts, instance: facts.instance && { ...facts.instance, state: 'unknown' } };
        return { settled: true };
      }
      facts = seen;
      if (when(seen)) {
        if (seen.instance?.state === 'stopped') ownStop = seen.instance.stoppedAt;
        return { settled: true };
      }
      const another = stoppedByAnother();
      if (another) return { settled: false, again: false, error: another };
      // What stood there before the call may be an old answer.
      const failure = seen.instance?.stateReason === before.instance?.stateReason ? null : failed?.(seen);
      if (failure) {
        return { settled: false, again: failure.again, error: { kind: 'uncertain', code: 'NotStarted', message: failure.why } };
      }
      const left = within - (journal.now() - since) / 1000;
      if (left <= 0) {
        const message = `${name} had not taken effect after ${formatDuration(within)}`;
        return { settled: false, again: failed !== undefined, error: { kind: 'uncertain', code: 'NotSettled', message } };
      }
      // Without a draw of its own: these looks disturb nobody, and a plain doubling is easier to read.
      await journal.wait(`settle-${name}`, Math.min(left, backoffSeconds(looks, poll, 1)));
    }
  };

  /** When it was last asked whether this may be done, in milliseconds since the epoch. */
  let askedAt = journal.now();

  /** After a lease's time somebody may have decided otherwise. What can't be found out is no reason to leave it half done. */
  const stillMay = async (step: ActionStep): Promise<CallError | null> => {
    if (!mayGoOn || journal.now() - askedAt <= policy.lease.seconds * 1000) return null;
    const seen = await look();
    // An empty answer says no more of what may be done than none at all.
    if (!seen || (target.type === 'instance' && seen.instance === null) || (target.type === 'group' && seen.group === null)) return null;
    facts = seen;
    // Somebody has done it meanwhile: there is nothing left to ask for.
    if (isDone(step, seen)) return null;
    const no = await mayGoOn(seen);
    if (no?.passing) return null;
    askedAt = journal.now();
    return no && { kind: 'refused', code: 'LeftAlone', message: no.reason };
  };

  const doStep = async (step: ActionStep): Promise<Performed> => {
    for (let tried = 1; ; tried++) {
      const left = begun ? await stillMay(step) : null;
      if (left) return { result: 'half-done', error: left };
      const answer = await callOnce(step);
      let error = answer === null ? interrupted : answer.value.ok ? null : answer.value.error;
      const result =
        error === null ? (dryRun ? 'would' : 'done') : error.code === notRecorded ? 'not begun' : `${error.kind}: ${error.code}`;
      record({ action: action.id, target: target.id, attempt, at: new Date(journal.now()).toISOString(), result });
      journal.note('act', `${action.id} (${step.name}): ${error ? `${result}, ${error.message}` : result}`);
      if (error === null && (dryRun || !step.settled)) return { result: 'acted' };
      // What has begun is brought to its end as soon as it is allowed again: a permission that is missing may be given back.
      const later = begun && error !== null && (tooEarly.has(error.code) || isDenied(error));
      if (error?.code === notRecorded || (error?.kind === 'refused' && !later)) {
        if (!begun && !dryRun) await forget();
        return { result: begun ? 'half-done' : error.kind === 'refused' ? 'refused' : 'not-done', error };
      }
      if (error?.kind === 'uncertain') {
        await journal.wait(`act-${action.id}-settling`, settling);
        const seen = await look();
        if (seen) facts = seen;
        // Nobody can see whether it was done: then it counts as done, and isn't done again before verification has spoken.
        if (!step.done && !step.settled) return { result: 'acted', uncertain: error };
        if ((seen && isDone(step, seen)) || !step.done) error = null;
      }
      if (error === null) {
        if (!step.settled) return { result: 'acted' };
        begun ||= step.takesOut === true;
        const came = await settle(step.settled, step.name);
        if (came.settled) return { result: 'acted' };
        journal.note('act', explain(came.error));
        if (!came.again) return { result: 'half-done', error: came.error };
        error = came.error;
      }
      // A first step goes back to the guards, and counts as another attempt. What has begun has to be brought to its end here.
      if (!begun) {
        // Of what got lost nobody knows; what was throttled had no effect.
        if (error.kind === 'throttled') await forget();
        return { result: 'not-done', error };
      }
      if (tried >= finishing.attempts) return { result: 'half-done', error };
      await noteWhyOut(error);
      const seconds = backoffSeconds(tried, finishing, answer?.draw ?? 1);
      journal.note('wait', `${action.id} (${step.name}): try ${tried + 1} of ${finishing.attempts} in ${formatDuration(seconds)}`);
      await journal.wait(`act-${action.id}-backoff`, seconds);
      facts = (await look()) ?? facts;
      const another = stoppedByAnother();
      if (another) return { result: 'half-done', error: another };
      if (isDone(step, facts) && (!step.settled || step.settled.when(facts))) return { result: 'acted' };
    }
  };

  // What can't be brought to its end must not be begun: EC2 says beforehand whether it would refuse a later step.
  for (const step of action.steps.slice(1)) {
    const rehearse = () => step.call(clients, { target, facts, policy, dryRun: true });
    const { value } = await journal.persist(`try-${action.id}-${step.name}`, rehearse, undefined, 0, late?.failing);
    if (!value.ok) {
      const refused = value.error.kind === 'refused';
      const how = refused ? 'would have been refused' : 'could not be checked by a dry run';
      journal.note('act', `${action.id} (${step.name}) ${how}: ${explain(value.error)}`);
      return { result: refused ? 'refused' : 'not-done', error: value.error };
    }
  }
  let uncertain: CallError | undefined;
  for (const step of action.steps) {
    // What is under way already is only waited for, and done again if that comes to nothing.
    const done = isDone(step, facts);
    const came: Settled = done && step.settled && !dryRun ? await settle(step.settled, step.name) : { settled: true };
    if (!came.settled && !came.again) return { result: 'half-done', error: came.error };
    // What we have taken nothing from is not ours to bring to its end: meanwhile somebody may have decided otherwise.
    if (!came.settled && !begun) return { result: 'not-done', error: came.error };
    if (!done || !came.settled) {
      const performed = await doStep(step);
      if (performed.result !== 'acted') return performed;
      ({ uncertain } = performed);
    }
    begun = true;
    if (dryRun) return { result: 'acted' };
  }
  // A member isn't back before its group has another one in its place, which is for verification to see.
  if (action.steps.slice(0, -1).some(({ takesOut }) => takesOut))
    await journal.persist('note-back', () => ledger.noteBack(incident), brief);
  return { result: 'acted', ...(uncertain ? { uncertain } : {}) };
};

/** What came of waiting for a step to take effect; `again`: another call may do what this one didn't. */
type Settled = { settled: true } | { settled: false; again: boolean; error: CallError };

const notRecorded = 'AttemptNotRecorded';

/** An attempt that can't be written down must not be made; nothing has been done to the resource then. */
const noting = async (write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    throw Object.assign(new Error((error as Error).message), { name: notRecorded });
  }
};
