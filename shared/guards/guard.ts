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

export type GuardInput = {
  incident: Incident;
  facts: Facts;
  policy: EffectivePolicy;
  action: Action;
  /** What the action would act upon. */
  target: Resource;
  /** What this look says of the failure itself: `unhealthy` means that it is there, live. */
  health: Health;
  /** For look-ups; a guard never changes anything but the ledger. */
  clients: Clients;
  ledger: Pick<Ledger, 'tells'>;
  killSwitch: KillSwitch;
  /** Notes that the target fails, and says what else does; looked up once, however often it is asked. */
  neighbours: () => Promise<Neighbours>;
  /** Takes or renews the lease on the target. */
  lease: () => Promise<Lease>;
  /** Takes or renews a lease on something else that the treatment uses up, such as one of a group's places. */
  take: (what: { type: string; id: string }) => Promise<Lease>;
  /** What this incident has taken so far. */
  held: readonly { type: string; id: string }[];
  /** A person has said yes to this action on this target, in this incident. */
  approved: boolean;
  /** What was begun on the target before, by this or any other incident; known once the lease is taken, undefined before. */
  attempts: () => readonly Attempt[] | undefined;
  /** What was replaced before in the target's group, and behind the target group that told of it; looked up once. */
  replacements: () => Promise<readonly Replacements[]>;
  /** Milliseconds since the epoch. */
  now: number;
};

/**
 * - `pass`: as far as this guard is concerned. With `rehearse`, only as a dry run, and why.
 * - `skip`: not this rung, but perhaps the next.
 * - `ask`: only with a person's yes.
 * - `hold`: ends the incident without an action. `passing` says that the reason may pass by itself, so that it is worth waiting a
 *   while, and `until` that it is over then, in milliseconds since the epoch, however long one waits otherwise; `quiet` that nobody need
 *   be told: there is no failure, it is not ours to care about, or another incident tells of it. `unseen`: it may well
 *   fail, only nobody can see whether it does; `error` is why, where a call failed. `shared`: the ids of
 *   all that its message stands for, of which there may soon be more. `holder`: the
 *   incident that has it.
 * - `escalate`: ends the incident with a person.
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

/** A check that must say yes before an action. One that throws is a hold: a guard that can't find out says no. */
export type Guard = { id: string; check: (input: GuardInput) => GuardAnswer | Promise<GuardAnswer> };

export const defineGuard = (guard: Guard): Guard => guard;

export const pass: GuardAnswer = { answer: 'pass' };
/** Everything may be done but the action itself. */
export const rehearse = (reason: string): GuardAnswer => ({ answer: 'pass', rehearse: reason });
export const hold = (reason: string): GuardAnswer => ({ answer: 'hold', reason });
/** A hold whose reason may pass by itself. */
export const holdForNow = (reason: string): GuardAnswer => ({ answer: 'hold', reason, passing: true });
/** A hold until it can be seen how things are. */
export const holdUnseen = (reason: string): GuardAnswer => ({ answer: 'hold', reason, passing: true, unseen: true });
/** A hold whose reason is over at a moment that is known, in milliseconds since the epoch. */
export const holdUntil = (reason: string, until: number): GuardAnswer => ({ answer: 'hold', reason, passing: true, until });
/** A hold that nobody need be woken for. */
export const holdQuietly = (reason: string): GuardAnswer => ({ answer: 'hold', reason, quiet: true });
export const escalate = (reason: string): GuardAnswer => ({ answer: 'escalate', reason });
/** Not this rung, but perhaps the next. */
export const skip = (reason: string): GuardAnswer => ({ answer: 'skip', reason });
/** Only with a person's consent. */
export const ask = (reason: string): GuardAnswer => ({ answer: 'ask', reason });
