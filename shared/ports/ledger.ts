import * as z from 'zod';
import type { ChannelId } from '../model/channel-id.ts';
import type { Incident } from '../model/incident.ts';
import type { Outcome, TimelineEntry } from '../model/outcome.ts';
import type { Leasable } from '../model/place.ts';
import type { Episodes } from './episodes.ts';
import type { NeighbourWatch } from './failure-correlation.ts';
import type { Inbox } from './inbox.ts';
import type { ReplacementLog } from './replacements.ts';

export const attemptSchema = z.object({ at: z.number(), action: z.string(), incident: z.string() });

/** One action begun on a resource, whether or not it worked; `at` in milliseconds since the epoch. */
export type Attempt = z.infer<typeof attemptSchema>;

/** What an incident takes out of service, and must put back: an instance that is stopped, a member that its group has to replace. */
export type TakenOut = { instance: string; group: string | null };

/** An action as it is begun, and the story up to it: what is known of an incident whose execution dies. */
export type Begun = { at: number; action: string; target: { type: string; id: string }; attempt: number };

/** What stands out of service by an incident's doing. Times in milliseconds since the epoch. */
export type OutOfService = TakenOut & {
  incident: string;
  since: number;
  /** When it was first seen to stand still; null if it wasn't yet. */
  seen: number | null;
  /** Why it is not back, as far as that has shown. */
  why: string | null;
  /** People have been told. */
  told: boolean;
};

export type Lease = { acquired: true; attempts: Attempt[] } | { acquired: false; holder: string; until: number };

/**
 * The memory that outlives processes: who treats which resource, what was tried on it, how each incident ended. One table, string
 * key `pk`, and every write a conditional update of a single item, so that it needs no transaction.
 *
 * All methods throw what the SDK throws; times are milliseconds since the epoch and come from the caller.
 */
export type Ledger = NeighbourWatch &
  Episodes &
  Inbox &
  ReplacementLog & {
    /** Takes the resource for the incident until `until`, or renews it. A lease that ran out is anybody's. */
    acquire(resource: Leasable, incident: string, now: number, until: number): Promise<Lease>;
    /**
     * Notes that the incident waits until `until` for the resource to recover by itself, before it takes it; or, where that is now, that it
     * does so no more. Does nothing where another waits already.
     */
    noteWaiting(resource: Leasable, incident: string, now: number, until: number): Promise<void>;
    /** Which incident holds the resource at that time, or waits for it to recover; null for none. */
    holderOf(resource: Leasable, now: number): Promise<string | null>;
    /** Notes an action before it is begun. Throws `LeaseLost` if somebody else holds the resource by now: then nothing may be done. */
    recordAttempt(resource: Leasable, attempt: Attempt, kept: readonly Attempt[]): Promise<void>;
    /**
     * Takes back an attempt that certainly had no effect, so that no budget counts it: what is left are `kept`. Does nothing if somebody
     * else holds the resource by now.
     */
    forgetAttempt(resource: Leasable, incident: string, kept: readonly Attempt[]): Promise<void>;
    /**
     * Notes on the incident that an action is begun, with the story so far, and what the action takes out of service. Before the call,
     * as `recordAttempt`: what the ledger can't be told must not be done.
     */
    noteBegun(incident: string, begun: Begun, story: readonly TimelineEntry[], out: TakenOut | null): Promise<void>;
    /** What was taken out of service is back. */
    noteBack(incident: string): Promise<void>;
    /** Notes why what was taken out of service isn't back yet. */
    noteWhyOut(incident: string, why: string): Promise<void>;
    /** All that is out of service by selfheal's doing, the longest first: one query a hundred or so. */
    outOfService(): Promise<OutOfService[]>;
    /** Notes that what is out of service was seen to stand still. */
    noteOutSeen(incident: string, now: number): Promise<void>;
    /** Notes that people have been told of what is out of service. */
    noteOutTold(incident: string): Promise<void>;
    /** Gives the resource back; does nothing if the incident doesn't hold it. */
    release(resource: Leasable, incident: string): Promise<void>;
    /** Notes that an incident has begun; gives back its outcome if it has already ended, so that it isn't treated again. */
    open(incident: Incident, now: number): Promise<Outcome | null>;
    /** Notes what the incident holds besides its own resource, so that it can be freed should its execution die. */
    noteLeases(incident: string, leases: readonly Leasable[]): Promise<void>;
    /** Notes how it ended, with its whole timeline. The first outcome stands: false if there is one already. */
    close(outcome: Outcome): Promise<boolean>;
    /** Notes which channels have been told of the outcome, besides those that are noted. */
    noteTold(incident: string, channels: readonly ChannelId[], now: number): Promise<void>;
    /** Notes that the end of an execution that died has been told. */
    noteSeenTo(incident: string): Promise<void>;
    read(incident: string): Promise<IncidentRecord | null>;
    /** Down to when executions were begun that the last sweep saw to, in milliseconds since the epoch; null where it came to an end. */
    sweepCursor(): Promise<number | null>;
    /** Notes how far a sweep came. */
    noteSweepCursor(reached: number | null, now: number): Promise<void>;
  };

export type IncidentRecord = {
  status: string;
  incident: Incident | null;
  outcome: Outcome | null;
  leases: Leasable[];
  /** Who has been told of the outcome, as far as not all have been at once. */
  told: ChannelId[];
  seenTo: boolean;
  /** What was begun, in order, and the story up to the last of it. */
  begun: Begun[];
  story: TimelineEntry[];
  /** What it has taken out of service and not put back. */
  out: TakenOut | null;
};

export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Of a lease that somebody holds, where it can't be read who. */
export const unknownHolder = 'unknown';
