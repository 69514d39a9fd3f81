import type { Action, ActionStep, Proof } from '../actions/action.ts';
import { explain, isDenied, attempt as tryCall } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { replacementKey } from '../aws/replacements.ts';
import { failsYoung } from '../guards/group-budget.ts';
import { formatResult } from '../model/action-result.ts';
import { type Backoff, backoffSeconds, brief } from '../model/backoff.ts';
import type { Drained } from '../model/drained.ts';
import { clockTime, formatDuration } from '../model/duration.ts';
import { CodedError, errorMessage } from '../model/errors.ts';
import type { Incident } from '../model/incident.ts';
import type { ActionRecord } from '../model/outcome.ts';
import { type Place, placedAt } from '../model/place.ts';
import type { Policy } from '../model/policy.ts';
import type { Resource } from '../model/resource.ts';
import { isUnseen } from '../model/resources/index.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { stopCause } from '../model/state-reason.ts';
import type { CallError } from '../ports/call-result.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import { type Attempt, IncidentStoppedError, LeaseLostError, type Ledger } from '../ports/ledger.ts';
import type { Replacements } from '../ports/replacements.ts';
import { followWork } from './follow-work.ts';
import type { Journal } from './journal.ts';
import type { OverdueNotice } from './overdue-notice.ts';
import type { Performed } from './performed.ts';
import type { Follow, Judged } from './resource-observer.ts';

/** What to perform. */
export type PerformInput = {
  incident: Pick<Incident, 'key' | 'account' | 'region'>;
  action: Action;
  target: Resource;
  facts: ResourceSnapshot;
  policy: Policy;
  dryRun: boolean;
  attempt: number;
  /** Names this attempt, and no other in the account. */
  reference: string;
  /** Attempts on the target within the window. */
  attempts: readonly Attempt[];
  /** Replacements that this one counts with; empty if it doesn't count. */
  replacements: readonly Replacements[];
  /** What it was taken out of before, and is put back into afterwards. */
  drained?: Drained | null;
};

/** What performing an action needs. */
export type PerformDeps = {
  journal: Journal;
  clients: Clients;
  ledger: Ledger;
  /** The member that it is in, if it isn't in the account and region of the stack. */
  away?: Place | undefined;
  /** Read again before each further call of an action: after it is turned off, everything stays as it is until it is on again. */
  killSwitch: KillSwitch;
  /** A new look; null if it failed. */
  observe: () => Promise<ResourceSnapshot | null>;
  follow: Follow;
  record: (action: ActionRecord) => void;
  late?: Pick<OverdueNotice, 'failing'>;
  /** Keeps the leases during a long wait. */
  renewLeases?: () => Promise<void>;
  /** Whether an action that has begun may still go on: null, or why not. */
  mayGoOn?: (seen: ResourceSnapshot) => Promise<{ reason: string; passing: boolean } | null>;
};

const interrupted: CallError = { kind: 'uncertain', code: 'Interrupted', message: 'the process died during the call' };

/** An instance that we stopped must not stay stopped because EC2 is busy: retry for hours. */
const completionBackoff: Backoff = { initial: 15, cap: 600, attempts: 50 };
/** EC2's error code for a call that comes too early, while the previous step is in progress. */
const tooEarly = new Set(['IncorrectInstanceState']);

/** Between an action and the first look at its effect, in seconds, because describe calls are eventually consistent. */
export const consistencyDelay = 30;

/**
 * How long to wait for a look before a call is repeated whose answer was lost, in seconds: by then it has taken effect, or will not. What was
 * stopped is started without any look then, rather than left.
 */
const blindPause = 120;

/** Between two looks at whether what was done did harm, in seconds. */
const provingPause = 60;

const poll: Backoff = { initial: 15, cap: 90, attempts: Number.POSITIVE_INFINITY };

/**
 * Performs one action step by step. The attempt is recorded in the ledger before the first call, which also proves that the lease is still
 * held. Each call runs at most once, and after an uncertain one a new look decides.
 */
export const perform = async (
  input: PerformInput,
  { journal, clients, ledger, away, killSwitch, observe, follow, record, late, mayGoOn, renewLeases }: PerformDeps,
): Promise<Performed> => {
  const { action, target, policy, dryRun, attempt, attempts, reference, replacements } = input;
  const isDone = (step: ActionStep, seen: ResourceSnapshot): boolean => step.done?.(seen, { before: input.facts, policy }) ?? false;
  const incident = input.incident.key;
  const leased = placedAt(input.incident, target);
  let facts = input.facts;
  let begun = false;
  /** How often we have called, and whether that is known to be recorded: what another has begun may only have to be finished. */
  let calls = 0;
  let isNoted = false;
  /** The time of our own stop according to EC2, once known. */
  let ownStop: number | null = null;
  let why = '';
  /** Nobody could look whether the last step took effect. */
  let unseen = false;

  /** Both before the call: an action that can't be recorded must not begin. */
  const noteBegun = (step: ActionStep, at: number, isFirst = true) =>
    noting(async () => {
      await ledger.recordAttempt(leased, { at, action: action.id, incident }, attempts, at + policy.lease.seconds * 1000);
      const raised = action.raises?.({ facts, policy }) ?? null;
      const made = action.makes?.(facts) ?? null;
      if (made) {
        const { reader: id, replica } = made;
        await ledger.noteReader({
          id,
          cluster: target.id,
          ...(away && { place: away }),
          ...(replica && { replica }),
          alarm: facts.alarm?.name ?? null,
          incident,
          calmFrom: at,
        });
      }
      if (raised) await ledger.noteRaised({ name: target.id, ...(away && { place: away }), ...raised, at, incident });
      for (const known of replacements) {
        const young = facts.instance !== null && failsYoung(facts.instance, known.earlier, at);
        await ledger.recordReplacement(known, { at, key: replacementKey(incident, target.id), young });
      }
      const drained = input.drained ?? undefined;
      const takesOut = action.steps.slice(0, action.steps.indexOf(step) + 1).some((one) => one.takesOut);
      // Noted again, it would count as out of service from now on.
      const out =
        takesOut && isFirst ? { instance: target.id, group: facts.instance?.groupName ?? null, ...(drained && { drained }) } : null;
      await ledger.noteBegun(incident, { at, action: action.id, target, attempt }, journal.timeline, out);
    });

  const callOnce = (step: ActionStep) =>
    journal.once(`act-${action.id}-${step.name}`, async (at) => {
      if (begun) {
        if ((await killSwitch.read(at)) !== 'on') throw new CodedError('SwitchedOff', 'selfheal is switched off');
        // An unavailable ledger must not leave a begun action half done; a lost lease must.
        const lease = await tryCall(() => ledger.acquire(leased, incident, at, at + policy.lease.seconds * 1000));
        if (lease.ok && !lease.value.acquired) {
          throw new LeaseLostError(`incident ${lease.value.holder} now holds ${target.type} ${target.id}`);
        }
      }
      if (!begun && !dryRun) await noteBegun(step, at);
      // It counts like any other, and is finished even if that can't be recorded.
      else if (!isNoted && !dryRun) await tryCall(() => noteBegun(step, at, calls === 0));
      await step.call(clients, { target, facts, policy, dryRun, reference });
    });

  /** An attempt without effect doesn't count towards the budget. */
  const forget = async () => {
    await journal.persist('forget', () => ledger.forgetAttempt(leased, incident, attempts), brief);
    for (const known of replacements) {
      await journal.persist('forget-replacement', () => ledger.forgetReplacement(known), brief);
    }
  };

  /** Records why it stays out of service, for the notification. */
  const noteWhyOut = async (error: CallError) => {
    if (error.code === why) return;
    why = error.code;
    await journal.persist('note-why', () => ledger.noteWhyOut(incident, explain(error)), brief);
  };

  /** An instance stopped again since our own stop was stopped by someone else, on purpose. */
  const stoppedByAnother = (seen: ResourceSnapshot): CallError | null => {
    const { state, stoppedAt = null, stateReason = null } = seen.instance ?? {};
    if (ownStop === null || state !== 'stopped' || stoppedAt === null || stoppedAt <= ownStop) return null;
    if (stopCause(stateReason) !== 'on-purpose') return null;
    return {
      kind: 'refused',
      code: 'StoppedByAnother',
      message: `it was stopped again at ${clockTime(stoppedAt)}, so selfheal leaves it stopped`,
    };
  };

  /** Why what was begun has failed since, by a look; a reason from before the call may be an outdated response. */
  const failureSince = (before: ResourceSnapshot, seen: ResourceSnapshot, failed: Settling['failed']) =>
    seen.instance?.stateReason === before.instance?.stateReason ? null : (failed?.(seen) ?? null);

  /** Looks until the step has taken effect, its time is over, or looks keep failing. */
  const settle = async ({ when, within, failed, goesOn }: Settling, name: string): Promise<Settled> => {
    type Course = Judged & { count: number; seen: ResourceSnapshot; came: (Settled & { late?: true }) | null };
    const since = journal.now();
    const before = facts;
    const over = `${name} had not taken effect after ${formatDuration(within)}`;
    const comesOf = (seen: ResourceSnapshot, left: number): Course['came'] => {
      if (when(seen, { before: input.facts, policy })) return { settled: true };
      const another = stoppedByAnother(seen);
      if (another) return { settled: false, again: false, error: another };
      const failure = failureSince(before, seen, failed);
      if (failure) return { settled: false, again: failure.again, error: { kind: 'uncertain', code: 'NotStarted', message: failure.why } };
      if (left > 0) return null;
      if (goesOn) return { settled: true, late: true };
      return { settled: false, again: failed !== undefined, error: { kind: 'uncertain', code: 'NotSettled', message: over } };
    };
    const course = await follow<Course>(`settle-${name}`, (last, seen, at) => {
      const count = (last?.count ?? 0) + 1;
      const left = within - (at - since) / 1000;
      const came = comesOf(seen, left);
      // Without jitter: these looks don't compete, and plain doubling is easier to read.
      const pause = came ? null : Math.min(left, backoffSeconds(count, action.pace ?? poll, 1));
      return { count, seen, came, pause, lines: [] };
    });
    // Without a look the next call is still right: EC2 refuses it if it is too early. The look before the call is outdated.
    unseen = !course?.came;
    if (!course?.came) {
      facts = { ...facts, instance: facts.instance && { ...facts.instance, state: 'unknown' } };
      return { settled: true };
    }
    facts = course.seen;
    const { late: isLate, ...came } = course.came;
    if (isLate) journal.note('act', `${over}: going on`);
    else if (came.settled && facts.instance?.state === 'stopped') ownStop = facts.instance.stoppedAt;
    return came;
  };

  /** When permission was last checked, in milliseconds since the epoch. */
  let checkedAt = journal.now();

  /** After a lease's duration, people may have decided otherwise. A failed check is no reason to leave it half done. */
  const stillMay = async (step: ActionStep): Promise<CallError | null> => {
    if (!mayGoOn || journal.now() - checkedAt <= policy.lease.seconds * 1000) return null;
    const seen = await observe();
    // An empty look says as little about permission as none.
    if (!seen || isUnseen(target.type, seen)) return null;
    facts = seen;
    // Someone else has done it meanwhile: no permission is needed.
    if (isDone(step, seen)) return null;
    const no = await mayGoOn(seen);
    if (no?.passing) return null;
    checkedAt = journal.now();
    return no && { kind: 'refused', code: 'LeftAlone', message: no.reason };
  };

  /** Looks, for as long as it takes, whether what has been done did harm. */
  const prove = async ({ within, wrong }: Proof, name: string): Promise<Performed> => {
    const failed = (code: string, message: string): Performed => ({ result: 'half-done', error: { kind: 'refused', code, message } });
    const since = await observe();
    if (!since) return failed('NotSeen', 'it can no longer be looked at');
    const until = journal.now() + within(since) * 1000;
    for (facts = since; ; ) {
      const harm = wrong(facts, since);
      if (harm !== null) return failed('DidHarm', harm);
      const left = (until - journal.now()) / 1000;
      if (left <= 0) return { result: 'acted' };
      await journal.wait(`prove-${name}`, Math.min(left, provingPause));
      await renewLeases?.();
      const seen = await observe();
      if (!seen) return failed('NotSeen', 'it can no longer be looked at');
      facts = seen;
    }
  };

  const doStep = async (step: ActionStep): Promise<Performed> => {
    for (let tried = 1; ; tried++) {
      const left = begun ? await stillMay(step) : null;
      if (left) return { result: 'half-done', error: left };
      const since = journal.now();
      const asked = facts;
      const answer = await callOnce(step);
      calls++;
      // One that was interrupted may not have come as far as the record.
      isNoted ||= answer !== null;
      let blind = false;
      let error = answer === null ? interrupted : answer.value.ok ? null : answer.value.error;
      const failure = error && (notBegun.has(error.code) ? ({ status: 'not-begun' } as const) : { status: error.kind, code: error.code });
      const result = formatResult(failure ?? { status: dryRun ? 'would' : 'done' });
      const entry: ActionRecord = { action: action.id, target: target.id, attempt, at: new Date(journal.now()).toISOString(), result };
      record(entry);
      journal.note('act', `${action.id} (${step.name}): ${error ? `${result}, ${error.message}` : result}`);
      if (step.follow && begun && error && notMade.has(error.code)) return { result: 'half-done', error };
      if (step.follow && !dryRun && (error === null || (error.kind === 'uncertain' && error.code !== notRecorded))) {
        const work = { target, facts, policy, reference, since, answered: error === null };
        const came = await followWork(step.follow, step.name, work, { journal, clients, killSwitch, renewLeases });
        if (came.result !== 'lost') entry.result = formatResult({ status: 'done' });
        return came.result === 'acted' && step.proof ? prove(step.proof, step.name) : came;
      }
      if (error === null && (dryRun || !step.settled)) return { result: 'acted' };
      // A begun action is completed as soon as it is allowed again: a missing permission may be restored.
      const later = begun && error !== null && (tooEarly.has(error.code) || isDenied(error));
      if (error?.code === notRecorded || (error?.kind === 'refused' && !later)) {
        if (!begun && !dryRun) await forget();
        return { result: begun ? 'half-done' : error.kind === 'refused' ? 'refused' : 'not-done', error };
      }
      if (error?.kind === 'uncertain') {
        await journal.wait(`act-${action.id}-settling`, consistencyDelay);
        const seen = await observe();
        blind = !seen;
        if (seen) facts = seen;
        // If it can't be determined whether it was done, it counts as done and isn't repeated before verification.
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
      // A first step goes back to the guards and counts as another attempt. A begun action has to be completed here.
      if (!begun) {
        // A lost call may have had an effect; a throttled one had none.
        if (error.kind === 'throttled') await forget();
        return { result: 'not-done', error };
      }
      if (tried >= completionBackoff.attempts) return { result: 'half-done', error };
      await noteWhyOut(error);
      const pause = backoffSeconds(tried, completionBackoff, answer?.draw ?? 1);
      const seconds = blind ? Math.max(pause, blindPause) : pause;
      journal.note('wait', `${action.id} (${step.name}): try ${tried + 1} of ${completionBackoff.attempts} in ${formatDuration(seconds)}`);
      await journal.wait(`act-${action.id}-backoff`, seconds);
      facts = (await observe()) ?? facts;
      const another = stoppedByAnother(facts);
      if (another) return { result: 'half-done', error: another };
      // It took effect after all, and came to nothing: the next try would take that for what was before it.
      const inVain = step.settled ? failureSince(asked, facts, step.settled.failed) : null;
      if (inVain && !inVain.again) return { result: 'half-done', error: { kind: 'uncertain', code: 'NotStarted', message: inVain.why } };
      if (isDone(step, facts) && (!step.settled || step.settled.when(facts, { before: input.facts, policy }))) return { result: 'acted' };
    }
  };

  // An action that can't be completed must not begin: EC2's dry run shows whether it would refuse a later step.
  for (const step of action.steps.slice(1)) {
    const asDryRun = () => step.call(clients, { target, facts, policy, dryRun: true, reference });
    const { value } = await journal.persist(`try-${action.id}-${step.name}`, asDryRun, undefined, 0, { onFailure: late?.failing });
    if (!value.ok) {
      const refused = value.error.kind === 'refused';
      const how = refused ? 'would have been refused' : 'could not be checked by a dry run';
      journal.note('act', `${action.id} (${step.name}) ${how}: ${explain(value.error)}`);
      return { result: refused ? 'refused' : 'not-done', error: value.error };
    }
  }
  let uncertain: CallError | undefined;
  for (const step of action.steps) {
    // A step already in progress is only waited for, and repeated if it fails.
    const done = isDone(step, facts);
    const came: Settled = done && step.settled && !dryRun ? await settle(step.settled, step.name) : { settled: true };
    if (!came.settled && !came.again) return { result: 'half-done', error: came.error };
    // Before we changed anything, there is nothing to complete: people may have decided otherwise meanwhile.
    if (!came.settled && !begun) return { result: 'not-done', error: came.error };
    if (!done || !came.settled) {
      const performed = await doStep(step);
      if (performed.result !== 'acted') return performed;
      isNoted = true;
      ({ uncertain } = performed);
    }
    begun = true;
    if (dryRun) return { result: 'acted' };
  }
  // A member is only back once its group has replaced it, which verification checks.
  // What nobody has seen to be back stays noted: the sweep looks at it, and tells people.
  if (!input.drained && !unseen && action.steps.slice(0, -1).some(({ takesOut }) => takesOut))
    await journal.persist('note-back', () => ledger.noteBack(incident), brief);
  return { result: 'acted', ...(uncertain ? { uncertain } : {}) };
};

type Settling = NonNullable<ActionStep['settled']>;

/** Whether a step took effect; `again`: another call may help. */
type Settled = { settled: true } | { settled: false; again: boolean; error: CallError };

const notRecorded = 'AttemptNotRecorded';
/** Codes of a first call that was not made, since the action could not be recorded or a person has stopped the incident. */
const notBegun: ReadonlySet<string> = new Set([notRecorded, 'IncidentStopped']);
/** Codes of a call that was not made. */
const notMade: ReadonlySet<string> = new Set([notRecorded, 'SwitchedOff', 'LeaseLost']);

/** An attempt that can't be recorded must not be made; nothing has been changed then. */
const noting = async (write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    if (error instanceof IncidentStoppedError) throw error;
    throw new CodedError(notRecorded, errorMessage(error));
  }
};
