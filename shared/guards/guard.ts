import { type Action, type Effect, gravest, isEffect } from '../actions/action.ts';
import type { Clients } from '../aws/clients.ts';
import type { Health } from '../health/health.ts';
import type { Incident } from '../model/incident.ts';
import type { Policy } from '../model/policy.ts';
import type { Resource, ResourceType } from '../model/resource.ts';
import { type ActedUpon, isActedUpon } from '../model/resources/index.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import type { EffectivePolicy } from '../policy/effective-policy.ts';
import type { CallError } from '../ports/call-result.ts';
import type { CorrelatedFailures } from '../ports/failure-correlation.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Attempt, Lease, Ledger } from '../ports/ledger.ts';
import type { Pauses } from '../ports/pauses.ts';
import type { Replacements } from '../ports/replacements.ts';

/** What guards base their answer on. */
export type GuardInput = {
  incident: Incident;
  facts: ResourceSnapshot;
  policy: EffectivePolicy;
  action: Action;
  /** The action's target. */
  target: Resource;
  /** The result of the failing checks on this look: `unhealthy` means that the failure is live. */
  health: Health;
  /** For look-ups; a guard only ever changes the ledger. */
  clients: Clients;
  ledger: Pick<Ledger, 'electReporter' | 'joinMass' | 'recent'>;
  pauses: Pick<Pauses, 'pauses' | 'noteHeldByPause'>;
  killSwitch: KillSwitch;
  /** Records that the target fails and returns what else does; looked up once, however often it is called. */
  correlatedFailures: () => Promise<CorrelatedFailures>;
  /** Acquires or renews the lease on the target. */
  lease: () => Promise<Lease>;
  /** Acquires or renews a lease on something else that the treatment needs, such as one of a group's places. */
  take: (what: { type: string; id: string }) => Promise<Lease>;
  /** The leases that this incident holds. */
  held: readonly { type: string; id: string }[];
  /** A person has approved this action on this target in this incident. */
  approved: boolean;
  /** Earlier attempts on the target by any incident; undefined until the lease is held. */
  attempts: () => readonly Attempt[] | undefined;
  /** Earlier replacements in the target's group, and behind the target group that reported the failure; looked up once. */
  replacements: () => Promise<readonly Replacements[]>;
  /** Milliseconds since the epoch. */
  now: number;
};

/**
 * - `pass`: this guard doesn't object. With `dryRunOnly`, only as a dry run, and why.
 * - `skip`: not this rung, but perhaps the next.
 * - `ask`: only with a person's approval.
 * - `hold`: ends the incident without an action. `passing`: the reason may be temporary, so it is worth waiting a while; `until`: it is
 *   over then, in milliseconds since the epoch, however long the usual wait is. `quiet`: no notification, because nothing failed, it is not
 *   ours to handle, or another incident reports it. `unseen`: it may well be failing, but that can't be determined; `error` is why, if a
 *   call failed. `shared`: ids of all resources that the message covers, of which there may soon be more. `holder`: the incident that has
 *   the lease, or that `waits` for the resource to recover by itself.
 * - `escalate`: ends the incident with an escalation to a person.
 */
export type GuardAnswer =
  | { answer: 'pass'; dryRunOnly?: string }
  | {
      answer: 'hold';
      reason: string;
      passing?: boolean;
      quiet?: boolean;
      until?: number;
      unseen?: boolean;
      error?: CallError;
      holder?: string;
      waits?: true;
      shared?: readonly string[];
    }
  | { answer: 'skip'; reason: string }
  | { answer: 'ask'; reason: string }
  | { answer: 'escalate'; reason: string };

/** A check that must pass before an action. If it throws, the action is held: a guard that can't find out says no. */
export type Guard = { id: string; check: Check };

/** The check of a guard, or one of its checks. */
export type Check = (input: GuardInput) => GuardAnswer | Promise<GuardAnswer>;

/** One check, or a check for each effect: the compiler asks for one for a new effect. */
type Plan = Check | Readonly<Record<Effect, Check>>;

type Declaration<Id extends string> = {
  id: Id;
  /** For all types of resource, or for each type that actions may target. */
  check: Plan | { readonly of: Readonly<Record<ActedUpon, Plan>> };
  /** Whether the policy leaves nothing to check. */
  idle?: (policy: Policy) => boolean;
  /** Whether only the live account can answer, for all actions or for these: a back-test can't. */
  live?: true | ((action: Action) => boolean);
};

export type DefinedGuard<Id extends string = string> = Guard & {
  id: Id;
  /** Whether it checks such an action, and only the live account can answer. */
  isOpen: (action: Action, type: ResourceType, policy: Policy) => boolean;
  live: boolean;
};

/** A check for what doesn't concern a guard. */
export const none: Check = () => pass;

/** For what only concerns instances and groups. */
export const ofHosts = (plan: Plan): Readonly<Record<ActedUpon, Plan>> => ({
  instance: plan,
  group: plan,
  database: none,
  service: none,
  queue: none,
  task: none,
  certificate: none,
});

/** Runs the checks in order up to the first that doesn't pass. */
const inTurn = (input: GuardInput, [first, ...rest]: readonly Check[]): ReturnType<Check> => {
  if (!first) return pass;
  const next = (given: GuardAnswer) => (given.answer === 'pass' ? inTurn(input, rest) : given);
  const given = first(input);
  return rest.length === 0 ? given : 'then' in given ? given.then(next) : next(given);
};

/** Makes a guard, which holds an action on a type of resource that actions don't target, and one with an unknown effect. */
export const defineGuard = <Id extends string>({ id, check, idle = () => false, live }: Declaration<Id>): DefinedGuard<Id> => {
  const checksOf = (action: Action, type: ResourceType): readonly Check[] => {
    if (!isActedUpon(type) || !action.effects.every(isEffect)) return [];
    const plan = 'of' in check ? check.of[type] : check;
    return typeof plan === 'function' ? [plan] : gravest(action).map((effect) => plan[effect]);
  };
  return {
    id,
    live: live !== undefined,
    isOpen: (action, type, policy) =>
      live !== undefined && !idle(policy) && checksOf(action, type).some((one) => one !== none) && (live === true || live(action)),
    check: (input) => {
      const { action, target, policy } = input;
      const checks = checksOf(action, target.type);
      if (checks.length === 0) return hold(`${id} doesn't know what ${action.id} does to a resource of type ${target.type}`);
      return idle(policy) ? pass : inTurn(input, checks);
    },
  };
};

/** No objection. */
export const pass: GuardAnswer = { answer: 'pass' };
/** No objection to a dry run only. */
export const dryRunOnly = (reason: string): GuardAnswer => ({ answer: 'pass', dryRunOnly: reason });
/** Ends the incident without an action. */
export const hold = (reason: string): GuardAnswer => ({ answer: 'hold', reason });
/** A hold for a reason that may be temporary. */
export const holdForNow = (reason: string): GuardAnswer => ({ answer: 'hold', reason, passing: true });
/** A hold while the state can't be determined. */
export const holdUnseen = (reason: string): GuardAnswer => ({ answer: 'hold', reason, passing: true, unseen: true });
/** A hold until a known time, in milliseconds since the epoch. */
export const holdUntil = (reason: string, until: number): GuardAnswer => ({ answer: 'hold', reason, passing: true, until });
/** A hold without a notification. */
export const holdQuietly = (reason: string): GuardAnswer => ({ answer: 'hold', reason, quiet: true });
/** Ends the incident with an escalation. */
export const escalate = (reason: string): GuardAnswer => ({ answer: 'escalate', reason });
/** Not this rung, but perhaps the next. */
export const skip = (reason: string): GuardAnswer => ({ answer: 'skip', reason });
/** Requires a person's approval. */
export const requireApproval = (reason: string): GuardAnswer => ({ answer: 'ask', reason });
