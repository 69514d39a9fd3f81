import * as z from 'zod';
import { type Stop, tellStop } from '../model/act.ts';
import type { ChannelId } from '../model/channel-id.ts';
import type { Drained } from '../model/drained.ts';
import { SelfhealError } from '../model/errors.ts';
import type { Incident } from '../model/incident.ts';
import type { Outcome, TimelineEntry } from '../model/outcome.ts';
import type { Leasable } from '../model/place.ts';
import type { CommonMasses } from './common-masses.ts';
import type { Episodes } from './episodes.ts';
import type { FailureCorrelation } from './failure-correlation.ts';
import type { Inbox } from './inbox.ts';
import type { Incidents } from './incident-archive.ts';
import type { MadeReaders } from './made-readers.ts';
import type { Pauses } from './pauses.ts';
import type { RaisedReserves } from './raised-reserves.ts';
import type { ReplacementLog } from './replacements.ts';
import type { Turns } from './turns.ts';

export const attemptSchema = z.object({ at: z.number(), action: z.string(), incident: z.string() });

/** One action begun on a resource, successful or not; `at` is milliseconds since the epoch. */
export type Attempt = z.infer<typeof attemptSchema>;

/** What an action takes out of service until it is restored: an instance that is stopped, or a member that its group has to replace. */
export type TakenOut = {
  instance: string;
  group: string | null;
  /** It takes no requests until it is put back. */
  drained?: Drained | undefined;
};

/** An action as recorded when it begins, in case its execution dies. */
export type Begun = { at: number; action: string; target: { type: string; id: string }; attempt: number };

/** What an incident has taken out of service. Times are milliseconds since the epoch. */
export type OutOfService = TakenOut & {
  incident: string;
  since: number;
  /** When no progress was first observed; null if it hasn't been. */
  seen: number | null;
  /** Why it is not back in service, if known. */
  why: string | null;
  /** Whether people have been notified. */
  notified: boolean;
};

/** The result of acquiring a lease. */
export type Lease =
  | { acquired: true; attempts: Attempt[] }
  /** `waits`: the holder waits for the resource to recover by itself. */
  | { acquired: false; holder: string; until: number; waits?: true };

/**
 * The persistent state of selfheal: which incident treats which resource, what was tried on it, how each incident ended. One table with the
 * string key `pk`; each write is a conditional update of a single item, so no transactions are needed. Times are milliseconds since the
 * epoch and come from the caller.
 * @throws whatever the SDK throws, from all methods
 */
export type Ledger = FailureCorrelation &
  CommonMasses &
  Episodes &
  Inbox &
  Pauses &
  Incidents &
  RaisedReserves &
  MadeReaders &
  ReplacementLog &
  Turns & {
    /**
     * Leases the resource to the incident until `until`, or renews the lease. An expired lease is free for any incident, unless another one
     * waits for the resource to recover by itself.
     */
    acquire(resource: Leasable, incident: string, now: number, until: number): Promise<Lease>;
    /**
     * Records that the incident waits until `until` for the resource to recover by itself, before it leases it; an `until` of `now` ends
     * that. Does nothing if another incident is waiting already.
     */
    noteWaiting(resource: Leasable, incident: string, now: number, until: number): Promise<void>;
    /** The incident that holds the resource at that time or waits for it to recover; null for none. */
    holderOf(resource: Leasable, now: number): Promise<string | null>;
    /**
     * Records an action before it begins, and renews the lease until `until`, so that it outlasts the call.
     * @throws {LeaseLostError} if another incident holds the resource by now: then the action must not begin
     */
    recordAttempt(resource: Leasable, attempt: Attempt, kept: readonly Attempt[], until?: number): Promise<void>;
    /**
     * Removes an attempt that certainly had no effect, so that no budget counts it; `kept` are the remaining ones. Does nothing if another
     * incident holds the resource by now.
     */
    forgetAttempt(resource: Leasable, incident: string, kept: readonly Attempt[]): Promise<void>;
    /**
     * Records on the incident that an action begins, with the timeline so far and what the action takes out of service. As with
     * `recordAttempt`, an action that can't be recorded must not begin.
     * @throws {IncidentStoppedError} once a person has stopped it
     */
    noteBegun(incident: string, begun: Begun, story: readonly TimelineEntry[], out: TakenOut | null): Promise<void>;
    /** Records the timeline so far of an incident that waits, for people who look meanwhile. Does nothing once it has ended. */
    noteStory(incident: string, story: readonly TimelineEntry[]): Promise<void>;
    /**
     * Records that an instance is about to be taken out of its target groups. One that can't be recorded must not be taken out.
     * @throws {IncidentStoppedError} once a person has stopped it
     */
    noteDrained(incident: string, at: number, out: TakenOut): Promise<void>;
    /**
     * Records that a person stops the incident: from then on, `noteBegun` and `noteDrained` throw. The first order stands; false if it has
     * ended.
     */
    noteStop(incident: string, stop: Stop): Promise<boolean>;
    /** The order to stop it; null if there is none. */
    stopOf(incident: string): Promise<Stop | null>;
    /** Records that what was taken out of service is back. */
    noteBack(incident: string): Promise<void>;
    /** Records why what was taken out of service isn't back yet. */
    noteWhyOut(incident: string, why: string): Promise<void>;
    /** Everything that selfheal has taken out of service, oldest first. Takes one query per hundred or so. */
    outOfService(): Promise<OutOfService[]>;
    /** Records that no progress was observed of what is out of service. */
    noteOutSeen(incident: string, now: number): Promise<void>;
    /** Records that people have been notified of what is out of service. */
    noteOutNotified(incident: string): Promise<void>;
    /**
     * Releases the resource at once, or at `until` unless the lease runs out before; does nothing if the incident doesn't hold it.
     */
    release(resource: Leasable, incident: string, until?: number): Promise<void>;
    /** Records that an incident has begun. Returns its outcome if it has already ended, so that it isn't treated again. */
    open(incident: Incident, now: number): Promise<Outcome | null>;
    /** Records which leases the incident holds besides that of its own resource, so that they can be released if its execution dies. */
    noteLeases(incident: string, leases: readonly Leasable[]): Promise<void>;
    /** Records the outcome with its whole timeline. The first outcome stands: returns false if there is one already. */
    close(outcome: Outcome): Promise<boolean>;
    /** Adds to the channels that have received the outcome. */
    noteNotified(incident: string, channels: readonly ChannelId[], now: number): Promise<void>;
    /** Records that the end of a dead execution has been handled. */
    noteReconciled(incident: string): Promise<void>;
    /** Records what was done about an incident after its end. */
    noteAfterwards(incident: string, text: string): Promise<void>;
    read(incident: string): Promise<IncidentRecord | null>;
    /** How far back the last sweep got, as the start time of an execution in milliseconds since the epoch; null if it finished. */
    sweepCursor(): Promise<number | null>;
    /** Records how far a sweep got. */
    noteSweepCursor(reached: number | null, now: number): Promise<void>;
  };

/** An incident as recorded in the ledger. */
export type IncidentRecord = {
  status: string;
  incident: Incident | null;
  outcome: Outcome | null;
  leases: Leasable[];
  /** Channels that have received the outcome, if not all did at once. */
  notified: ChannelId[];
  /** Whether the end of its dead execution has been handled. */
  reconciled: boolean;
  /** Actions that were begun, in order, and the timeline up to the last of them. */
  begun: Begun[];
  story: TimelineEntry[];
  openedAt: number;
  /** A person's order to stop it. */
  stop: Stop | null;
  /** The ids of its requests for approval. */
  asked: string[];
  /** What it has taken out of service and not restored. */
  out: TakenOut | null;
  /** What was done about it after its end. */
  afterwards?: string;
};

/** Another incident holds the lease. */
export class LeaseLostError extends SelfhealError {
  override readonly name = 'LeaseLost';
}

/** A person has stopped the incident: it takes no further action. */
export class IncidentStoppedError extends SelfhealError {
  override readonly name = 'IncidentStopped';
  /** Makes it a refused call: retrying doesn't help. */
  readonly $metadata = { httpStatusCode: 400 };
  constructor(stop: Stop) {
    super(tellStop(stop));
  }
}

/** Stands for a lease's holder that can't be read. */
export const unknownHolder = 'unknown';
