import type { Action } from '../actions/action.ts';
import type { Clients } from '../aws/clients.ts';
import type { Health } from '../health/health.ts';
import type { Incident } from '../model/incident.ts';
import type { Resource } from '../model/resource.ts';
import type { Facts } from '../model/snapshot.ts';
import type { EffectivePolicy } from '../policy/effective-policy.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Neighbours } from '../ports/failure-correlation.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Attempt, Lease, Ledger } from '../ports/ledger.ts';
import type { Replacements } from '../ports/replacements.ts';

/** What guards base their answer on. */
export type GuardInput = {
  incident: Incident;
  facts: Facts;
  policy: EffectivePolicy;
  action: Action;
  /** The action's target. */
  target: Resource;
  /** The result of the failing checks on this look: `unhealthy` means that the failure is live. */
  health: Health;
  /** For look-ups; a guard only ever changes the ledger. */
  clients: Clients;
  ledger: Pick<Ledger, 'tells'>;
  killSwitch: KillSwitch;
  /** Records that the target fails and returns what else does; looked up once, however often it is called. */
  neighbours: () => Promise<Neighbours>;
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
 * - `pass`: this guard doesn't object. With `rehearse`, only as a dry run, and why.
 * - `skip`: not this rung, but perhaps the next.
 * - `ask`: only with a person's approval.
 * - `hold`: ends the incident without an action. `passing`: the reason may be temporary, so it is worth waiting a while; `until`: it is
 *   over then, in milliseconds since the epoch, however long the usual wait is. `quiet`: no notification, because nothing failed, it is not
 *   ours to handle, or another incident reports it. `unseen`: it may well be failing, but that can't be determined; `error` is why, if a
 *   call failed. `shared`: ids of all resources that the message covers, of which there may soon be more. `holder`: the incident that has
 *   the lease.
 * - `escalate`: ends the incident with an escalation to a person.
 */
export type GuardAnswer =
  | { answer: 'pass'; rehearse?: string }
  | {
      answer: 'hold';
      reason: string;
      passing?: boolean;
      quiet?: boolean;
      until?: number;
      unseen?: boolean;
      error?: CallError;
      holder?: string;
      shared?: readonly string[];
    }
  | { answer: 'skip'; reason: string }
  | { answer: 'ask'; reason: string }
  | { answer: 'escalate'; reason: string };

/** A check that must pass before an action. If it throws, the action is held: a guard that can't find out says no. */
export type Guard = { id: string; check: (input: GuardInput) => GuardAnswer | Promise<GuardAnswer> };

/** Checks the type of a guard. */
export const defineGuard = (guard: Guard): Guard => guard;

/** No objection. */
export const pass: GuardAnswer = { answer: 'pass' };
/** No objection to a dry run only. */
export const rehearse = (reason: string): GuardAnswer => ({ answer: 'pass', rehearse: reason });
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
export const ask = (reason: string): GuardAnswer => ({ answer: 'ask', reason });
