import type { Action } from '../../shared/actions/action.ts';
import type { Clients } from '../../shared/aws/clients.ts';
import { type Asked, askGuards } from '../../shared/guards/ask.ts';
import { isOptedIn } from '../../shared/guards/opt-in.ts';
import { type Backoff, backoffSeconds } from '../../shared/model/backoff.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { PlaybookId } from '../../shared/model/playbook-id.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { Resource } from '../../shared/model/resource.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import { observers } from '../../shared/playbooks/observers.ts';
import { type EffectivePolicy, policyFor } from '../../shared/policy/effective-policy.ts';
import { noKillSwitch } from '../../shared/ports/kill-switch.ts';
import type { Attempt } from '../../shared/ports/ledger.ts';
import { calmSlot, spreadOf } from '../../shared/remediation/calm.ts';
import { type Assumed, assume } from './assume.ts';
import type { Decision, Status } from './decision.ts';
import { askable, openGuards } from './guards.ts';
import type { Inventory } from './inventory.ts';
import { type Ledger, leaseKey } from './ledger.ts';

/** Between tries of what a guard holds for now, as the driver waits, with half of its full jitter. */
const holdBackoff: Backoff = { initial: 60, cap: 600, attempts: Number.POSITIVE_INFINITY };
const meanDraw = 0.5;
const leastBetweenLooks = 10;
/** A call that stopped an instance stands before the event of the stop, by no more than this; in milliseconds. */
const stopTakes = 15 * 60_000;

/** An incident under way. */
export type Course = {
  /** The fact that it came with. */
  seq: number;
  incident: Incident;
  opened: number;
  /** The lease key of what it has asked to act upon, and may hold. */
  target: string | null;
  /** Where on the ladder it is, and how often it has asked for a rung. */
  step: number;
  climbed: number;
  /** When it was first held for now, and how often. */
  heldSince: number | null;
  holds: number;
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

type ClimberDeps = { policy: Policy; inventory: Inventory; ledger: Ledger; healsAfter: number };

/**
 * Decides for one incident at a time, as the driver would: the real policy, ladders, conditions and guards, on facts that are assumed.
 * It gives an answer for now, and is asked again when a wait is over.
 */
export const createClimber = ({ policy, inventory, ledger, healsAfter }: ClimberDeps) => {
  const remembered = Math.max(policy.budget.window, policy.flapping.window) * 1000;

  /** Why an instance stopped, where a call that stopped it is in the history. */
  const stopReason = (incident: Incident): string | null => {
    if (incident.failure !== 'instance-stopped') return null;
    const calls = ledger.callsOn(placeOf(incident), incident.resource.id, incident.at - stopTakes, incident.at + 60_000);
    const stopped = calls.some(({ name, record }) => name === 'StopInstances' && !record.includes('"errorCode"'));
    return stopped ? 'Client.UserInitiatedShutdown' : null;
  };

  type Rung = { one: Course; facts: Assumed['facts']; own: EffectivePolicy; action: Action; target: Resource; key: string; now: number };

  const ask = ({ one, facts, own, action, target, key, now }: Rung, approved: boolean): Promise<Asked> => {
    const { incident } = one;
    const place = placeOf(incident);
    let attempts: readonly Attempt[] | undefined;
    const acquire = (what: string) => ledger.acquire(what, incident.key, now, now + policy.lease.seconds * 1000);
    const neighbour = { id: target.id, zone: facts.instance?.availabilityZone || null, group: facts.group?.name ?? null };
    return askGuards(askable, {
      incident,
      facts,
      policy: own,
      action,
      target,
      health: { state: 'unhealthy', because: 'the event said so' },
      now,
      clients: trailOf(ledger, place),
      killSwitch: noKillSwitch,
      ledger: { tells: async (matter, by, at, quiet) => ledger.tells(matter, by, at, quiet) },
      neighbours: async () => ledger.noteFailing(place, neighbour, now, policy.massFailure.window * 1000),
      take: async (what) => acquire(leaseKey(place, what)),
      held: [],
      lease: async () => {
        const lease = acquire(key);
        if (lease.acquired) attempts = lease.attempts;
        return lease;
      },
      attempts: () => attempts,
      // A history tells of no group what has been replaced in it: the budget of the resource is counted.
      replacements: async () => [],
      approved,
    });
  };

  /** Asks for one rung; null: on to the next. */
  const tryRung = async (rung: Rung): Promise<Next | null> => {
    const { one, own, action, key, now } = rung;
    const wellAt = ledger.wellAt(key);
    if (wellAt !== null && wellAt > one.opened)
      return ending('passed', 'another incident treated the resource', { playbook: own.playbook });
    one.target = key;
    const open = openGuards(action, policy);
    let answer = await ask(rung, false);
    // What is only rehearsed needs nobody's consent.
    if (answer.answer === 'ask' && answer.rehearse !== undefined) answer = await ask(rung, true);
    const about = { playbook: own.playbook, action: action.id, guard: answer.guard ?? null, page: true };
    switch (answer.answer) {
      case 'skip':
        return null;
      case 'escalate':
        return ending('escalated', answer.reason, about);
      case 'ask':
        return ending('asked', answer.reason, { ...about, open });
      case 'hold': {
        if (answer.guard === 'lease') one.othersTreat = true;
        one.heldSince ??= now;
        if (!answer.passing || now - one.heldSince >= policy.lease.patience * 1000) {
          return ending('held', answer.reason, { ...about, page: !answer.quiet });
        }
        return { wait: Math.max(leastBetweenLooks, backoffSeconds(++one.holds, holdBackoff, meanDraw)) * 1000 };
      }
      case 'pass':
        if (answer.rehearse !== undefined) return ending('would', `only in a dry run: ${answer.rehearse}`, { ...about, open });
        ledger.recordAttempt(key, { at: now, action: action.id, incident: one.incident.key }, now + healsAfter, remembered);
        one.treating = { action: action.id, playbook: own.playbook, open, okBefore: false };
        return { wait: healsAfter };
    }
  };

  /** For those that no rung is climbed for. */
  const tell = ({ incident }: Course, { facts, known }: Assumed, { playbook }: EffectivePolicy, now: number): Next => {
    if (incident.children.length > 0) return ending('unknown', 'what triggered a composite alarm');
    if (incident.failure === 'zone-impaired') {
      ledger.noteImpaired(placeOf(incident), incident.resource.id, now + policy.healers.zone * 1000);
    }
    if (observers[incident.failure]) {
      const optedIn = incident.alarm !== null || !facts.instance || isOptedIn(facts.instance.tags, policy);
      if (!optedIn) return ending('held', 'not opted in', { guard: 'opt-in' });
      if (!known || facts.group) return ending('unknown', 'whether its group replaced it');
    }
    const left = incident.disposition === 'remediate' && playbook === null;
    const reason = left ? 'the policy or a tag leaves it to a person' : `no playbook for ${incident.failure}`;
    return ending('escalated', reason, { page: true });
  };

  return async (one: Course, now: number): Promise<Next> => {
    const { incident } = one;
    const stoppedBy = stopReason(incident);
    const assumed = assume(incident, inventory, policy, now, stoppedBy);
    const { facts, known } = assumed;
    const own = policyFor(policy, { incident, facts });
    const playbook = incident.disposition === 'remediate' ? own.playbook : null;
    if (playbook === null) return tell(one, assumed, own, now);
    if (incident.failure === 'instance-stopped' && stoppedBy === null) {
      const optedIn = facts.instance !== null && isOptedIn(facts.instance.tags, policy);
      if (!optedIn) return ending('held', 'not opted in', { playbook, guard: 'opt-in' });
      return ending('unknown', 'who asked for the stop', { playbook });
    }
    if (incident.resource.type !== 'instance' && incident.resource.type !== 'group') {
      return ending('unknown', 'which instance is behind it', { playbook });
    }
    const { ladder } = playbooks[playbook];
    for (; one.step < ladder.length; one.step++) {
      const step = ladder[one.step];
      if (!step) break;
      if (step.kind === 'calm') {
        const { at } = calmSlot(now, policy.calm, incident.evidence.deadline, spreadOf(incident.key));
        if (at === now) continue;
        one.step++;
        return { wait: at - now };
      }
      if (!step.when.every(({ met }) => met(facts))) continue;
      if (step.kind === 'watch') {
        one.step++;
        return { wait: step.atMost * 1000 };
      }
      const target = step.action.target(facts);
      if (!target) continue;
      one.climbed++;
      const next = await tryRung({
        one,
        facts,
        own: { ...own, playbook },
        action: step.action,
        target,
        key: leaseKey(placeOf(incident), target),
        now,
      });
      if (next) return next;
    }
    if (one.climbed > 0) return ending('escalated', 'every rung that fits has used up its tries', { playbook, page: true });
    if (!known) return ending('unknown', 'whether the instance is in a group', { playbook });
    return ending('escalated', 'no rung fits what the inventory says about it', { playbook, page: true });
  };
};
