import { type Action, has, toDo, wouldHave } from '../actions/action.ts';
import { explain, isDenied } from '../aws/call.ts';
import type { GuardDecision } from '../guards/evaluate.ts';
import { isOptedIn } from '../guards/opt-in.ts';
import { groupMayReplace } from '../health/group.ts';
import type { Health, HealthCheck } from '../health/health.ts';
import { type Backoff, backoffSeconds } from '../model/backoff.ts';
import { formatDuration, inSeconds, minutes } from '../model/duration.ts';
import { beatOf, type Incident } from '../model/incident.ts';
import type { TimelineEntry } from '../model/outcome.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import type { Policy } from '../model/policy.ts';
import type { Resource } from '../model/resource.ts';
import { zoneOf } from '../model/resources/index.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { playbooksOf } from '../playbooks/custom.ts';
import { byEvidence } from '../playbooks/evidence.ts';
import { observers } from '../playbooks/observers.ts';
import type { Condition, LadderStep, Playbook, Rung, Watch } from '../playbooks/playbook.ts';
import { withCommand } from '../playbooks/with-command.ts';
import { withDisks } from '../playbooks/with-disks.ts';
import type { EffectivePolicy } from '../policy/effective-policy.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Failing } from '../ports/failure-correlation.ts';
import type { Slot } from './maintenance-window.ts';
import type { Performed } from './performed.ts';
import { minObservationInterval, type Ways } from './resource-observer.ts';
import type { TreatmentResult } from './treatment-context.ts';

/*
 * The decisions of a treatment, as pure functions: no I/O, no clock, no draw. The durable runner carries them out, and the back-test applies
 * them to a history.
 */

/** The parts of a playbook that treatment uses. */
export type Ladder = Pick<Playbook, 'failing' | 'healthy' | 'ladder' | 'maxPasses'>;

/** How often it may look healthy on one look but not on the next before a person has to find out why. */
const maxFlaps = 5;
/** Between tries of an action that a guard holds for now. */
const holdBackoff: Backoff = { initial: 60, cap: 600, attempts: Number.POSITIVE_INFINITY };
/** How long to collect resources of a mass failure for a single message, which people get within a minute; in seconds. */
const collectionTime = 50;
/** The number of ids in a timeline line. */
const idsPerLine = 25;

/** Whether all conditions hold on a look. */
const conditionsMet = (conditions: readonly Condition[], seen: ResourceSnapshot): boolean => conditions.every(({ met }) => met(seen));

/** How long attempts matter to any guard, in milliseconds. */
export const rememberedMs = ({ budget, flapping, redrive, disks }: Policy): number =>
  Math.max(budget.window, flapping.window, redrive ? inSeconds(redrive.onceIn) : 0, disks ? inSeconds(disks.within) : 0) * 1000;

/** How to count a target among what fails at the same time, and the ids of its zone and region, which may be impaired. */
export const failingOf = (target: Resource, facts: ResourceSnapshot, region: string): { failing: Failing; where: string[] } => {
  const zone = zoneOf(target, facts);
  return {
    failing: { id: target.id, zone: zone ?? null, group: facts.group?.name ?? null },
    where: [zone, facts.instance?.zoneId, region].filter((one) => typeof one === 'string'),
  };
};

/** How long to leave the healing to someone else: as long as its group gives a new member, if the step says so; in seconds. */
export const selfRecoverySeconds = ({ atMost, grace }: Watch, group: ResourceSnapshot['group'] = null): number =>
  grace === 'group' && group ? Math.max(atMost, group.healthCheckGraceSeconds + (group.warmUpSeconds ?? 0)) : atMost;

/** Until when an impaired zone holds actions on its instances, in milliseconds since the epoch; null for incidents about anything else. */
export const impairedUntil = ({ failure }: Incident, { healers }: Policy, now: number): number | null =>
  failure === 'zone-impaired' ? now + healers.zone * 1000 : null;

/** How an incident is treated: by a playbook's ladder, by a ladder that only watches, or, without a ladder, by a person. */
export type TreatmentPlan = {
  playbook: PlaybookId | null;
  ladder: Ladder | null;
  /** The class has a playbook, but the policy or a tag leaves it to a person. */
  left: boolean;
};

/** Determines the plan for an incident. */
export const planOf = (
  incident: Incident,
  own: EffectivePolicy,
  { alarm }: Pick<ResourceSnapshot, 'alarm'>,
  changed: Readonly<Record<string, Playbook>> = {},
): TreatmentPlan => {
  const { disposition, failure } = incident;
  // Intake never creates a payload with both `escalate` and a playbook.
  const playbook = disposition === 'remediate' ? own.playbook : null;
  const left = disposition === 'remediate' && playbook === null;
  if (playbook === null) return { playbook, left, ladder: observers[failure] ?? null };
  const known = changed[playbook] ?? playbooksOf(own)[playbook];
  // Intake may have another version of the policy than the execution.
  return known
    ? {
        playbook,
        left,
        ladder: withDisks(withCommand(byEvidence(known, alarm, beatOf(incident)), own.command, own.drain !== undefined), own),
      }
    : { playbook: null, left: true, ladder: null };
};

/** Whether an event, which AWS sends for every instance in the account, is about one that isn't opted in. */
export const isNotOurs = ({ playbook }: TreatmentPlan, { alarm }: Incident, { instance }: ResourceSnapshot, policy: Policy): boolean =>
  !playbook && alarm === null && instance !== null && !isOptedIn(instance.tags, policy);

/** A rung that didn't help, and why. `judged`: it was done, and its effect could be verified. */
type Spent = { spent: string; judged: boolean };

/** The action under way, in words, as done and as rehearsed. `draw` came with the guards' answer. */
type Acting = { target: Resource; what: string; would: string; draw: number; dryRun: boolean; uncertain: CallError | null };

type RungState = {
  attempt: number;
  tries: number;
  /** Tries that certainly had an effect. */
  certain: number;
  /** Why the last try failed. */
  last: string;
  heldSince: number | null;
  holds: number;
  /** The mass failure that this incident reports for others, which ended quietly. */
  common: string | null;
  flaps: number;
  acting: Acting | null;
};

/** The position of an incident on its ladder. Plain data, so that it can be saved. */
export type LadderState = {
  /** Looking ahead, before the first step; `no`: why no action may be taken, as far as the rungs were asked. */
  ahead: { no: TreatmentResult | null } | null;
  step: number;
  rung: RungState;
  window: Slot['window'];
  spent: Spent[];
  unfit: string[];
};

const untried: RungState = {
  attempt: 1,
  tries: 0,
  certain: 0,
  last: 'unknown reason',
  heldSince: null,
  holds: 0,
  common: null,
  flaps: 0,
  acting: null,
};

/** The state before the first step. */
export const atItsFoot: LadderState = { ahead: { no: null }, step: 0, rung: untried, window: null, spent: [], unfit: [] };

/** What stays the same during a treatment. */
type Setting = { ladder: Ladder; policy: Policy; incident: Pick<Incident, 'severity' | 'alarm'> };

/** What a decision takes into account besides: the last look and whether anything was done. `now` is in milliseconds since the epoch. */
type Snapshot = { facts: ResourceSnapshot; health: (checks: readonly HealthCheck[]) => Health; now: number; acted: boolean };

/** The result of an effect. Plain data, so that it can be saved. */
export type StepEvent =
  | { kind: 'begun' | 'observed' | 'unobservable' | 'self-recovery-awaited' | 'agreed' | 'waited' }
  | { kind: 'maintenance-window'; window: Slot['window'] }
  /** Null if the look failed. */
  | { kind: 'confirmed'; health: Health | null }
  /** `at`, in milliseconds since the epoch, and `draw`, in [0, 1), were recorded with the answer. */
  | { kind: 'guards-evaluated'; answer: GuardDecision & { at: number; draw: number } }
  /** No action may be taken: the ledger can't be written, or a person refused. */
  | { kind: 'stopped'; status: 'held' | 'escalated'; reason: string }
  | { kind: 'performed'; performed: Performed }
  /** It is not healthy. `gone`: why a member that was removed hasn't been replaced. */
  | { kind: 'verified'; because: string; gone: string | null };

/** What to do next. The last three end the treatment. */
export type Effect =
  | { kind: 'observe' }
  /** Wait for the next maintenance window after `from`, then look; `anew`: even if the last look is recent. */
  | { kind: 'maintenance-window'; from: number; anew: boolean }
  | { kind: 'wait-for-self-recovery'; watch: Watch }
  /** Look a second time at what looks healthy. */
  | { kind: 'confirm'; ways: Ways }
  /** Ask all guards or, `forGood`, only those whose answer can't change. */
  | { kind: 'evaluate-guards'; action: Action; target: Resource; forGood: boolean }
  /** Ask a person; `assumed` in a dry run, which needs no approval. */
  | { kind: 'approval'; action: Action; target: Resource; what: string; why: string; assumed: boolean }
  | { kind: 'act'; action: Action; target: Resource; what: string; dryRun: boolean; attempt: number }
  | { kind: 'verify'; action: Action; target: Resource; ways: Ways; within: number }
  /** `failing`: the error that causes the wait, which people may have to know about; `acted`: whether anything was done before. */
  | { kind: 'wait'; name: string; seconds: number; says: string; failing?: { error: CallError; acted: boolean } }
  | { kind: 'unobservable' }
  | { kind: 'recovered'; because: string }
  | { kind: 'end'; verdict: TreatmentResult; exhausted?: boolean };

type Note = Omit<TimelineEntry, 'at'>;
/** The notes go into the timeline before the effect is carried out. */
type Decision = { state: LadderState; notes: Note[]; effect: Effect };

/** Only actions whose effect could be verified count as tried. */
const summarise = (spent: readonly Spent[]): string => {
  if (spent.length === 0) return 'nothing could be tried';
  const without = spent.filter(({ judged }) => !judged).map((one) => one.spent);
  if (without.length === spent.length) return `nothing took effect (${without.join('; ')})`;
  return without.length > 0 ? `the other rungs have been tried (${without.join('; ')})` : 'every rung has been tried';
};

const isFalse = (conditions: readonly Condition[], seen: ResourceSnapshot) =>
  conditions.filter(({ met }) => !met(seen)).map(({ id }) => id);

/** Finds the next step that applies, from the current one on. */
const proceed = ({ ladder, policy }: Setting, before: LadderState, seen: Snapshot): Decision => {
  const state = { ...before, rung: untried, unfit: [...before.unfit] };
  for (; state.step < ladder.ladder.length; state.step++) {
    const step = ladder.ladder[state.step] as LadderStep;
    if (step.kind === 'maintenance-window') {
      // If no action will follow, don't wait: people get more time.
      if (policy.problem !== undefined) continue;
      return { state, notes: [], effect: { kind: 'maintenance-window', from: seen.now, anew: false } };
    }
    const unmet = isFalse(step.when, seen.facts);
    if (unmet.length === 0)
      return { state, notes: [], effect: step.kind === 'watch' ? { kind: 'wait-for-self-recovery', watch: step } : { kind: 'observe' } };
    if (step.kind === 'act') state.unfit.push(`${step.action.id} (only if ${unmet.join(', ')})`);
  }
  const last = seen.health(ladder.failing).because || seen.health(ladder.healthy).because;
  const ruledOut = state.unfit.length > 0 ? `; ruled out: ${state.unfit.join(', ')}` : '';
  const reason = `${summarise(state.spent)}: ${last}${ruledOut}`;
  return { state, notes: [], effect: { kind: 'end', verdict: { status: 'escalated', verified: false, reason }, exhausted: true } };
};

/** Whether the ladder waits for anything before its first action that fits. */
const waitsFirst = ({ ladder, policy }: Setting, { facts }: Snapshot): boolean => {
  const first = ladder.ladder.find((step) =>
    step.kind === 'maintenance-window' ? policy.problem === undefined : isFalse(step.when, facts).length === 0,
  );
  return first !== undefined && first.kind !== 'act';
};

/**
 * Looks ahead before the first step: if no action will be taken in any case, people are notified at once and not after every wait. A group
 * that replaces its members is waited for in any case.
 */
const lookAhead = (setting: Setting, before: LadderState, seen: Snapshot): Decision => {
  const { ladder, incident } = setting;
  const start = () => proceed(setting, { ...before, ahead: null, step: 0 }, seen);
  const waits = ladder.ladder[0]?.kind === 'watch' && (before.ahead?.no || waitsFirst(setting, seen));
  if (!waits || groupMayReplace(seen.facts) || incident.alarm === null) return start();
  for (const [offset, step] of ladder.ladder.slice(before.step).entries()) {
    const target = step.kind === 'act' && conditionsMet(step.when, seen.facts) ? step.action.target(seen.facts) : null;
    if (step.kind !== 'act' || !target) continue;
    if (seen.health(ladder.failing).state !== 'unhealthy') return start();
    const state = { ...before, step: before.step + offset };
    return { state, notes: [], effect: { kind: 'evaluate-guards', action: step.action, target, forGood: true } };
  }
  const no = before.ahead?.no;
  return no ? { state: before, notes: [], effect: { kind: 'end', verdict: no } } : start();
};

/** Decides before the first step: whether the resource is healthy already, and whether any action may be taken at all. */
const beforeLadder = (setting: Setting, state: LadderState, happened: StepEvent, seen: Snapshot): Decision => {
  const { healthy } = setting.ladder;
  if (happened.kind === 'begun' && healthy.length > 0 && seen.health(healthy).state === 'healthy')
    return { state, notes: [], effect: { kind: 'confirm', ways: [healthy] } };
  if (happened.kind === 'confirmed') {
    const { health } = happened;
    if (health === null) return { state, notes: [], effect: { kind: 'unobservable' } };
    if (health.state === 'healthy') return { state, notes: [], effect: { kind: 'recovered', because: health.because } };
  }
  if (happened.kind !== 'guards-evaluated') return lookAhead(setting, state, seen);
  const { answer } = happened;
  const isFinal = answer.answer === 'escalate' || (answer.answer === 'hold' && answer.passing !== true);
  if (!isFinal) return proceed(setting, { ...state, ahead: null, step: 0 }, seen);
  const status = answer.answer === 'hold' ? 'held' : 'escalated';
  const quiet = answer.answer === 'hold' && answer.quiet === true;
  const first = state.ahead?.no;
  const no = first ?? { status, verified: false, reason: answer.reason, quiet };
  const next = lookAhead(setting, { ...state, ahead: { no }, step: state.step + 1 }, seen);
  const said: Note[] = first ? [] : [{ phase: 'guard', text: answer.text, answers: answer.answers }];
  return { ...next, notes: [...said, ...next.notes] };
};

/** Codes by which a service refuses a call on what has changed since it was looked at. */
const changedMeanwhile: ReadonlySet<string> = new Set(['PreconditionFailedException']);

/**
 * Codes by which EC2 refuses a further change of a volume for a while; what it says then names when the next one may be made.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html
 */
const notYet: ReadonlySet<string> = new Set(['VolumeModificationRateExceeded', 'IncorrectModificationState']);

/** Decides on a rung: it is tried until it heals the resource, is held, or is exhausted, so that the next one begins. */
const onRung = (setting: Setting, state: LadderState, rung: Rung, happened: StepEvent, seen: Snapshot): Decision => {
  const { ladder, policy, incident } = setting;
  const { action, backoff } = rung;
  const notes: Note[] = [];
  const at: RungState = { ...state.rung };
  const go = (effect: Effect): Decision => ({ state: { ...state, rung: at }, notes, effect });
  const end = (verdict: TreatmentResult): Decision => {
    // Work held in a window is tried again in the next; without any before the deadline, once more at once.
    if (!verdict.passing || state.window === null) return go({ kind: 'end', verdict });
    notes.push({ phase: 'decide', text: verdict.reason });
    return { state: { ...state, rung: untried }, notes, effect: { kind: 'maintenance-window', from: state.window.over, anew: true } };
  };
  const escalated = (reason: string): TreatmentResult => ({ status: 'escalated', verified: false, reason });
  // Once anything was done or may have been, a person has to look: our own stop with a lost response looks like someone else's.
  const held = (reason: string, quiet = false): TreatmentResult =>
    seen.acted ? escalated(`an action is only partly done: ${reason}`) : { status: 'held', verified: false, reason, quiet };
  const spent = (why: string): Decision => {
    const next = { ...state, step: state.step + 1, spent: [...state.spent, { spent: `${action.id} ${why}`, judged: at.certain > 0 }] };
    const then = proceed(setting, next, seen);
    return { ...then, notes: [...notes, ...then.notes] };
  };
  const usedUp = () => spent(at.certain > 0 ? 'did not help' : `could not be done in ${backoff.attempts} tries (${at.last})`);
  const observe = () => (at.attempt > backoff.attempts ? usedUp() : go({ kind: 'observe' }));
  /** After this rung's action its own checks apply; before it, either set does. */
  const ways = (): Ways => {
    if (!rung.healthy) return [ladder.healthy];
    return at.tries > 0 ? [rung.healthy] : [ladder.healthy, rung.healthy];
  };
  const again = (error: CallError | null): Decision => {
    if (at.attempt > backoff.attempts) return usedUp();
    const seconds = backoffSeconds(at.attempt - 1, backoff, (at.acting as Acting).draw);
    const says = `${action.id}: try ${at.attempt} of ${backoff.attempts} in ${formatDuration(seconds)}`;
    const failing = error ? { failing: { error, acted: at.certain > 0 } } : {};
    return go({ kind: 'wait', name: 'rung-wait', seconds, says, ...failing });
  };

  switch (happened.kind) {
    case 'begun':
    case 'self-recovery-awaited':
    case 'maintenance-window':
    case 'agreed':
    case 'waited':
      return observe();
    case 'unobservable':
      return at.common === null ? go({ kind: 'unobservable' }) : end(held(`${at.common}; selfheal can no longer look at this one`));
    case 'confirmed': {
      const { health } = happened;
      if (health?.state === 'healthy') {
        if (at.common === null) return go({ kind: 'recovered', because: health.because });
        return end(held(`${at.common}; this one is healthy again: ${health.because}`));
      }
      if (++at.flaps >= maxFlaps) return end(escalated('its health changes from one look to the next, again and again'));
      return observe();
    }
    case 'observed': {
      if (ways().some((checks) => seen.health(checks).state === 'healthy')) return go({ kind: 'confirm', ways: ways() });
      if (at.tries === 0 && !conditionsMet(rung.when, seen.facts)) return spent('no longer fits');
      if (at.tries === 0 && seen.now > (state.window?.last ?? Number.POSITIVE_INFINITY))
        return end({ ...held('the maintenance window is over'), passing: true });
      const target = action.target(seen.facts);
      if (target) return go({ kind: 'evaluate-guards', action, target, forGood: false });
      notes.push({ phase: 'decide', text: `${action.id}: has no target` });
      return spent('has no target');
    }
    case 'guards-evaluated': {
      const { answer } = happened;
      if (answer.answer === 'escalate') return end(escalated(answer.reason));
      if (answer.answer === 'hold') {
        if (answer.shared && at.common === null) {
          at.common = answer.reason;
          const says = `waiting ${formatDuration(collectionTime)} to see what else fails`;
          return go({ kind: 'wait', name: 'shared-wait', seconds: collectionTime, says });
        }
        const ids = answer.shared ?? [];
        for (let from = 0; from < ids.length; from += idsPerLine)
          notes.push({ phase: 'decide', text: `fails: ${ids.slice(from, from + idsPerLine).join(', ')}` });
        at.heldSince ??= answer.at;
        const left = ((answer.until ?? 0) - answer.at) / 1000;
        // If something could not be determined, people are notified sooner the more critical it is.
        const patience = answer.error && incident.severity === 'critical' ? minutes(10) : policy.lease.patience;
        if (!answer.passing || (left <= 0 && answer.at - at.heldSince >= Math.min(patience, policy.lease.patience) * 1000)) {
          const cause = answer.error ? { cause: answer.error } : {};
          return end({ ...held(answer.reason, answer.quiet), passing: answer.passing === true, ...cause });
        }
        const seconds = Math.max(minObservationInterval, left, backoffSeconds(++at.holds, holdBackoff, answer.draw));
        const unseen = { kind: 'uncertain' as const, code: answer.guard ?? 'guard', message: answer.reason };
        const failing = answer.unseen ? { failing: { error: answer.error ?? unseen, acted: seen.acted } } : {};
        return go({ kind: 'wait', name: 'hold-wait', seconds, says: `looking again in ${formatDuration(seconds)}`, ...failing });
      }
      at.heldSince = null;
      if (answer.answer === 'skip') {
        notes.push({ phase: 'decide', text: `${action.id}: ${answer.reason}; on to the next rung` });
        return spent(`was skipped (${answer.reason})`);
      }
      const target = action.target(seen.facts) as Resource;
      const subject = { target, facts: seen.facts, policy };
      const what = toDo(action, subject);
      const dryRun = answer.dryRunOnly !== undefined;
      if (answer.answer === 'ask') return go({ kind: 'approval', action, target, what, why: answer.reason, assumed: dryRun });
      at.acting = { target, what, would: wouldHave(action, subject), draw: answer.draw, dryRun, uncertain: null };
      return go({ kind: 'act', action, target, what: dryRun ? at.acting.would : what, dryRun, attempt: at.attempt });
    }
    case 'stopped':
      return end(happened.status === 'held' ? held(happened.reason) : escalated(happened.reason));
    case 'performed': {
      const { performed } = happened;
      const { target, what, would, dryRun } = at.acting as Acting;
      at.attempt++;
      if (performed.result === 'refused' && !dryRun) {
        const { error } = performed;
        if (error.code === 'IncidentStopped') return end(escalated(error.message));
        if (changedMeanwhile.has(error.code)) return end(held(`it has been changed by others since the last look (${explain(error)})`));
        if (notYet.has(error.code)) return end(held(`${what} must wait: ${explain(error)}`));
        // A more disruptive action doesn't help against a missing permission.
        if (isDenied(error)) return end(escalated(`selfheal lacks ${error.call ?? 'a permission'}: ${error.code}: ${error.message}`));
        notes.push({ phase: 'decide', text: `${action.id} was refused (${explain(error)}): on to the next rung` });
        return spent(`was refused (${explain(error)})`);
      }
      if (performed.result === 'lost')
        return end(escalated(`${what}: whether it has taken effect is not known (${explain(performed.error)}), so it is not done again`));
      if (performed.result === 'failed') {
        at.tries++;
        at.certain++;
        at.last = explain(performed.error);
        notes.push({ phase: 'decide', text: `${action.id} failed: ${at.last}` });
        return at.tries < rung.tries ? again(null) : spent(`failed (${at.last})`);
      }
      if (performed.result === 'half-done') {
        const stopped = `STOPPED by selfheal: ${target.id} is ${seen.facts.instance?.state ?? 'in an unknown state'}`;
        const left = action.leaves?.({ target, facts: seen.facts }) ?? (has(action, 'removesFromService') ? stopped : null);
        const begun = left ?? `${what}: started`;
        return end(escalated(`${begun}, and the action was not completed (${explain(performed.error)})`));
      }
      if (dryRun) {
        const refused = performed.result === 'acted' ? null : explain(performed.error);
        const reason = refused === null ? would : `would have tried to ${what}, which AWS would have refused: ${refused}`;
        return end({ status: 'dry-run', verified: false, reason });
      }
      if (performed.result !== 'acted') {
        at.last = explain(performed.error);
        return again(performed.error);
      }
      const { uncertain = null } = performed;
      at.tries++;
      if (!uncertain) at.certain++;
      at.acting = { ...(at.acting as Acting), uncertain };
      return go({ kind: 'verify', action, target, ways: ways(), within: rung.within });
    }
    case 'verified': {
      const { because, gone } = happened;
      if (gone) return end(escalated(gone));
      const { uncertain } = at.acting as Acting;
      at.last = uncertain ? explain(uncertain) : at.last;
      const what = uncertain ? `may or may not have been done (${at.last}), and it is not healthy` : 'did not help';
      notes.push({ phase: 'decide', text: `${action.id} ${what} within ${formatDuration(rung.within)}: ${because}` });
      if (at.tries < rung.tries) return again(uncertain);
      return spent(at.certain > 0 ? 'did not help' : `may or may not have been done (${at.last})`);
    }
    default:
      throw new Error(`nothing is decided on ${String(happened satisfies never)}`);
  }
};

/** Decides what to do next, from the state, the result of the last effect, and the last look. Pure. */
export const decide = (setting: Setting, before: LadderState, happened: StepEvent, seen: Snapshot): Decision => {
  const step = setting.ladder.ladder[before.step];
  const state = happened.kind === 'maintenance-window' ? { ...before, window: happened.window } : before;
  if (state.ahead) return beforeLadder(setting, state, happened, seen);
  if (step?.kind === 'act') return onRung(setting, state, step, happened, seen);
  return proceed(setting, { ...state, step: state.step + 1 }, seen);
};
