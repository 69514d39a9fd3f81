import type { Action } from '../../shared/actions/action.ts';
import type { Clients } from '../../shared/aws/clients.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import type { Guard } from '../../shared/guards/guard.ts';
import { guardsForGood } from '../../shared/guards/index.ts';
import { isOptedIn } from '../../shared/guards/opt-in.ts';
import type { Health } from '../../shared/health/health.ts';
import { minuteMs } from '../../shared/model/duration.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { PlaybookId } from '../../shared/model/playbook-id.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { Resource } from '../../shared/model/resource.ts';
import { isActedUpon } from '../../shared/model/resources/index.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { type EffectivePolicy, policyFor } from '../../shared/policy/effective-policy.ts';
import { noKillSwitch } from '../../shared/ports/kill-switch.ts';
import type { Attempt } from '../../shared/ports/ledger.ts';
import {
  decide,
  failingOf,
  impairedUntil,
  isNotOurs,
  type Ladder,
  type LadderState,
  planOf,
  rememberedMs,
  type StepEvent,
  selfRecoverySeconds,
  type TreatmentPlan,
} from '../../shared/remediation/decide.ts';
import { maintenanceSlot, spreadOf } from '../../shared/remediation/maintenance-window.ts';
import { type Assumed, assume } from './assume.ts';
import type { Decision, Status } from './decision.ts';
import { evaluableGuards, unevaluatedGuards } from './guards.ts';
import type { Inventory } from './inventory.ts';
import { type Ledger, leaseKey } from './ledger.ts';

/** What waits and backoffs draw, on average. */
const meanDraw = 0.5;
/** A call that stopped an instance stands before the event of the stop, by no more than this; in milliseconds. */
const stopTakes = 15 * minuteMs;

/** An incident under way. */
export type PendingIncident = {
  /** The fact that it came with. */
  seq: number;
  incident: Incident;
  opened: number;
  /** The lease key of what it has asked to act upon, and may hold. */
  target: string | null;
  /** Where on the ladder it is, and what comes next there once its wait is over. */
  ladder: LadderState;
  next: StepEvent;
  /** Another incident treats the resource, and will tell of it. */
  othersTreat: boolean;
  /** What is done, once it is. */
  treating: { action: string; playbook: PlaybookId | null; open: string[]; okBefore: boolean } | null;
};

export type Ending = Omit<Decision, 'at'>;

/** What becomes of an incident now: it waits, in milliseconds, or it is over. */
export type Next = { wait: number } | { end: Ending };

export const ending = (status: Status, reason: string, more: Partial<Ending> = {}): { end: Ending } => ({
  end: { status, reason, playbook: null, action: null, guard: null, page: false, open: [], ...more },
});

const placeOf = ({ account, region }: Incident): string => `${account}/${region}`;

/** As much of CloudTrail as the history has of it. */
const trailOf = (ledger: Ledger, place: string): Clients =>
  ({
    cloudTrail: {
      send: async ({ input }: { input: { LookupAttributes: { AttributeValue: string }[]; StartTime: Date; EndTime: Date } }) => ({
        Events: ledger
          .callsOn(place, input.LookupAttributes[0]?.AttributeValue ?? '', input.StartTime.getTime(), input.EndTime.getTime())
          .map(({ at, name, who, record }) => ({ EventName: name, EventTime: new Date(at), Username: who, CloudTrailEvent: record })),
      }),
    },
  }) as unknown as Clients;

/** What a look would see of the failure. */
const failing: Health = { state: 'unhealthy', because: 'the event said so' };

type ClimberDeps = { policy: Policy; inventory: Inventory; ledger: Ledger; healsAfter: number };

/**
 * Decides for one incident at a time, as the driver would: the real policy, ladders, conditions and guards, on facts that are assumed.
 * It gives an answer for now, and is asked again when a wait is over.
 */
export const createPolicyRun = ({ policy, inventory, ledger, healsAfter }: ClimberDeps) => {
  /** Why an instance stopped, where a call that stopped it is in the history. */
  const stopReason = (incident: Incident): string | null => {
    if (incident.failure !== 'instance-stopped') return null;
    const calls = ledger.callsOn(placeOf(incident), incident.resource.id, incident.at - stopTakes, incident.at + minuteMs);
    const stopped = calls.some(({ name, record }) => name === 'StopInstances' && !record.includes('"errorCode"'));
    return stopped ? 'Client.UserInitiatedShutdown' : null;
  };

  type Asking = {
    one: PendingIncident;
    facts: ResourceSnapshot;
    own: EffectivePolicy;
    action: Action;
    target: Resource;
    approved: boolean;
    now: number;
  };

  /** Takes or renews a lease, for no less than the treatment is taken to last. */
  const acquire = (key: string, { key: incident }: Incident, now: number) =>
    ledger.acquire(key, incident, now, now + Math.max(policy.lease.seconds * 1000, healsAfter));

  const evaluate = async (which: readonly Guard[], { one: { incident }, facts, own, action, target, approved, now }: Asking) => {
    const place = placeOf(incident);
    let attempts: readonly Attempt[] | undefined;
    const decision = await evaluateGuards(which, {
      incident,
      facts,
      policy: own,
      action,
      target,
      health: failing,
      now,
      clients: { ...trailOf(ledger, place), ...inventory.present?.clients },
      killSwitch: noKillSwitch,
      ledger: {
        electReporter: async (matter, by, at, quiet) => ledger.electReporter(matter, by, at, quiet),
        // Each account tells of its own: who of several does decides on no action.
        joinMass: async () => ({ role: 'first' }),
        recent: async () => [],
      },
      // What people paused is not in a history.
      pauses: { pauses: async () => [], noteHeldByPause: async () => {} },
      correlatedFailures: async () => {
        const { failing, where } = failingOf(target, facts, incident.region);
        return ledger.noteFailing(place, failing, now, policy.massFailure.window * 1000, where);
      },
      take: async (what) => acquire(leaseKey(place, what), incident, now),
      held: [],
      lease: async () => {
        const lease = acquire(leaseKey(place, target), incident, now);
        if (lease.acquired) attempts = lease.attempts;
        return lease;
      },
      attempts: () => attempts,
      // A history tells of no group what has been replaced in it: the budget of the resource is counted.
      replacements: async () => [],
      approved,
    });
    return { ...decision, action: action.id, attempts: attempts ?? [], at: now, draw: meanDraw };
  };

  /** Goes on up the ladder until it has to wait, or is over: what a look would see is the failure that was told. */
  const goOn = async (
    one: PendingIncident,
    { facts, known }: Assumed,
    own: EffectivePolicy,
    ladder: Ladder,
    now: number,
  ): Promise<Next> => {
    const { incident } = one;
    const { playbook } = own;
    const asked = inventory.present?.guards[known ? 'known' : 'unknown'] ?? evaluableGuards;
    const setting = { ladder, policy, incident };
    let decision: Awaited<ReturnType<typeof evaluate>> | undefined;
    let approved = false;
    for (;;) {
      const { state, effect } = decide(setting, one.ladder, one.next, { facts, health: () => failing, now, acted: false });
      one.ladder = state;
      const about = { playbook, action: effect.kind === 'act' || effect.kind === 'approval' ? effect.action.id : null, page: true };
      switch (effect.kind) {
        case 'observe':
          one.next = { kind: 'observed' };
          break;
        case 'maintenance-window': {
          const { at, window } = maintenanceSlot(effect.from, policy.calm, incident.evidence.deadline, spreadOf(incident.key));
          one.next = { kind: 'maintenance-window', window };
          if (at > now) return { wait: at - now };
          break;
        }
        case 'wait-for-self-recovery':
          one.next = { kind: 'self-recovery-awaited' };
          return { wait: selfRecoverySeconds(effect.watch, facts.group) * 1000 };
        case 'evaluate-guards': {
          const { action, target, forGood } = effect;
          if (forGood) {
            const answer = await evaluate(guardsForGood, { one, facts, own, action, target, approved, now });
            decision ??= answer;
            one.next = { kind: 'guards-evaluated', answer };
            break;
          }
          one.target = leaseKey(placeOf(incident), target);
          const lastHealedAt = ledger.lastHealedAt(one.target);
          if (lastHealedAt !== null && lastHealedAt > one.opened)
            return ending('passed', 'another incident treated the resource', { playbook });
          decision = await evaluate(asked, { one, facts, own, action, target, approved, now });
          if (decision.answer === 'hold' && decision.holder !== undefined) one.othersTreat = true;
          one.next = { kind: 'guards-evaluated', answer: decision };
          break;
        }
        case 'approval':
          if (!effect.assumed)
            return ending('asked', effect.why, {
              ...about,
              guard: decision?.guard ?? null,
              open: unevaluatedGuards(asked, effect.action, effect.target.type, policy),
            });
          approved = true;
          one.next = { kind: 'agreed' };
          break;
        case 'act': {
          const { action, target, dryRun } = effect;
          const open = unevaluatedGuards(asked, action, target.type, policy);
          if (dryRun)
            return ending('would', `only in a dry run: ${decision?.answer === 'pass' ? decision.dryRunOnly : ''}`, { ...about, open });
          const kept = (decision?.attempts ?? []).filter(({ at }) => at > now - rememberedMs(policy));
          ledger.recordAttempt(leaseKey(placeOf(incident), target), { at: now, action: action.id, incident: incident.key }, kept);
          if (action.onlyReads) {
            one.next = { kind: 'performed', performed: { result: 'acted' } };
            break;
          }
          one.treating = { action: action.id, playbook, open, okBefore: false };
          return { wait: healsAfter };
        }
        // Only what merely reads is followed by a look.
        case 'verify':
          one.next = { kind: 'verified', because: 'it only reads', gone: null };
          break;
        case 'wait':
          one.next = { kind: 'waited' };
          return { wait: effect.seconds * 1000 };
        case 'end': {
          const { status, reason, quiet } = effect.verdict;
          if (effect.exhausted) return exhausted(state, known, playbook);
          const guard = { action: decision?.action ?? null, guard: decision?.guard ?? null };
          return ending(status === 'held' ? 'held' : 'escalated', reason, { ...about, ...guard, page: !quiet });
        }
        case 'confirm':
        case 'unobservable':
        case 'recovered':
          throw new Error(`a history has no ${effect.kind}`);
      }
    }
  };

  const exhausted = ({ spent }: LadderState, known: boolean, playbook: PlaybookId | null): Next => {
    if (spent.length > 0) return ending('escalated', 'every rung that fits has used up its tries', { playbook, page: true });
    if (!known) return ending('unknown', 'whether the instance is in a group', { playbook });
    return ending('escalated', 'no rung fits what the inventory says about it', { playbook, page: true });
  };

  /** For those without a rung to run. */
  const tell = ({ incident }: PendingIncident, { facts, known }: Assumed, course: TreatmentPlan, now: number): Next => {
    if (incident.children.length > 0) return ending('unknown', 'what triggered a composite alarm');
    const until = impairedUntil(incident, policy, now);
    if (until !== null) ledger.noteImpaired(placeOf(incident), incident.resource.id, until);
    if (course.ladder) {
      if (isNotOurs(course, incident, facts, policy)) return ending('held', 'not opted in', { guard: 'opt-in' });
      if (!known || facts.group) return ending('unknown', 'whether its group replaced it');
    }
    const reason = course.left ? 'the policy or a tag leaves it to a person' : `no playbook for ${incident.failure}`;
    return ending('escalated', reason, { page: true });
  };

  /** Whether the inventory tells what tags it has, or that it has none. */
  const isTold = ({ type, id }: Resource): boolean =>
    !isActedUpon(type) || inventory.everything || inventory.tellsOf(type) || inventory.tags(id) !== undefined;

  return async (one: PendingIncident, now: number): Promise<Next> => {
    const { incident } = one;
    const stoppedBy = stopReason(incident);
    const assumed = assume(incident, inventory, policy, now, stoppedBy);
    const { facts } = assumed;
    const own = policyFor(policy, { incident, facts });
    const course = planOf(incident, own, facts);
    const { playbook, ladder } = course;
    if (ladder !== null && incident.children.length === 0 && !isTold(incident.resource))
      return ending('unknown', `which tags it has: no ${incident.resource.type} is in the inventory`, { playbook });
    if (playbook === null || ladder === null) return tell(one, assumed, course, now);
    if (incident.failure === 'instance-stopped' && stoppedBy === null) {
      const optedIn = facts.instance !== null && isOptedIn(facts.instance.tags, policy);
      if (!optedIn) return ending('held', 'not opted in', { playbook, guard: 'opt-in' });
      return ending('unknown', 'who asked for the stop', { playbook });
    }
    if (!isActedUpon(incident.resource.type)) {
      return ending('unknown', 'which instance is behind it', { playbook });
    }
    return goOn(one, assumed, { ...own, playbook }, ladder, now);
  };
};
