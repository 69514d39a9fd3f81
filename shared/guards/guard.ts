import type { Action } from '../actions/action.ts';
import type { Facts } from '../aws/facts.ts';
import type { Attempt, Lease } from '../aws/ledger.ts';
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
  /** Takes or renews the lease on the target. */
  lease: () => Promise<Lease>;
  /** What was begun on the target before, by this or any other incident; known once the lease is taken, undefined before. */
  attempts: () => readonly Attempt[] | undefined;
  /** Milliseconds since the epoch. */
  now: number;
};

/**
 * `hold` ends the incident without an action; `passing` says that the reason may pass by itself, so that it is worth waiting a while;
 * `quiet` that it is nobody's business: there is no failure, or it is not ours to care about.
 */
export type GuardAnswer =
  | { answer: 'pass' }
  | { answer: 'hold'; reason: string; passing?: boolean; quiet?: boolean }
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
