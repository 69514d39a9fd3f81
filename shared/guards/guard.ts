import type { Action } from '../actions/action.ts';
import type { Clients } from '../aws/clients.ts';
import type { Facts } from '../aws/facts.ts';
import type { Attempt, Leasable, Lease, Ledger } from '../aws/ledger.ts';
import type { Resource } from '../failures/verdict.ts';
import type { Health } from '../health/health.ts';
import type { Incident } from '../incident/incident.ts';
import type { Policy } from '../policy.ts';

export type GuardInput = {
  incident: Incident;
  facts: Facts;
  policy: Policy;
  action: Action;
  /** What the action would act upon. */
  target: Resource;
  /** What this look says of the failure itself: `unhealthy` means that it is there, live. */
  health: Health;
  /** For look-ups; a guard never changes anything but the ledger. */
  clients: Clients;
  ledger: Ledger;
  /** Takes or renews the lease on the target. */
  lease: () => Promise<Lease>;
  /** Takes or renews a lease on something else that the treatment uses up, such as one of a group's places. */
  take: (what: Leasable) => Promise<Lease>;
  /** A person has said yes to this action on this target, in this incident. */
  approved: boolean;
  /** What was begun on the target before, by this or any other incident; known once the lease is taken, undefined before. */
  attempts: () => readonly Attempt[] | undefined;
  /** Milliseconds since the epoch. */
  now: number;
};

/**
 * `skip` leaves this rung for the next; `escalate` ends the incident with a person; `ask` wants a person's yes first; `hold` ends the incident without an action; `passing` says that the reason may pass by itself, so that it is worth waiting a while;
 * `quiet` that it is nobody's business: there is no failure, or it is not ours to care about.
 */
export type GuardAnswer =
  | { answer: 'pass' }
  | { answer: 'hold'; reason: string; passing?: boolean; quiet?: boolean }
  | { answer: 'skip'; reason: string }
  | { answer: 'ask'; reason: string }
  | { answer: 'escalate'; reason: string };

/** A check that must say yes before an action. One that throws is a hold: a guard that can't find out says no. */
export type Guard = { id: string; check: (input: GuardInput) => GuardAnswer | Promise<GuardAnswer> };

export const defineGuard = (guard: Guard): Guard => guard;

export const pass: GuardAnswer = { answer: 'pass' };
export const hold = (reason: string): GuardAnswer => ({ answer: 'hold', reason });
/** A hold whose reason may pass by itself. */
export const holdForNow = (reason: string): GuardAnswer => ({ answer: 'hold', reason, passing: true });
/** A hold that nobody need be woken for. */
export const holdQuietly = (reason: string): GuardAnswer => ({ answer: 'hold', reason, quiet: true });
export const escalate = (reason: string): GuardAnswer => ({ answer: 'escalate', reason });
/** Not this rung, but perhaps the next. */
export const skip = (reason: string): GuardAnswer => ({ answer: 'skip', reason });
/** Only with a person's consent. */
export const ask = (reason: string): GuardAnswer => ({ answer: 'ask', reason });
