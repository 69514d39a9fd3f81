import type { Common, MassIn } from '../model/mass-failure-text.ts';

/**
 * Who tells of a mass failure of an account and region that others may have in common with it.
 * - `first`: nobody else has reported one lately. It reports by itself, at once.
 * - `teller`: this incident tells of all of them.
 * - `quiet`: another one reports all of them, or has; one that it doesn't name is named in the next message.
 */
export type MassRole = { role: 'first' } | { role: 'teller' | 'quiet'; places: readonly MassIn[] };

/**
 * Mass failures of several accounts and regions with a common cause. Times are milliseconds since the epoch and come from the caller.
 * @throws whatever the SDK throws, from all methods
 */
export type CommonMasses = {
  /**
   * Notes a mass failure, and decides who tells of it; the same incident gets the same role again. What was noted longer than `quietMs` ago
   * counts no more, and within `windowMs` of one message there is no other.
   */
  joinMass(common: Common, incident: string, own: MassIn, now: number, limits: { windowMs: number; quietMs: number }): Promise<MassRole>;
  /** What some have in common that may not have been named in a message yet. */
  openMasses(): Promise<Common[]>;
  /**
   * Whoever gets them tells of all of these places, of which some haven't been named yet, in the name of that incident. Null where all have
   * been, where it is too early, or where another one does.
   */
  takeUnreported(common: Common, now: number, limits: { windowMs: number; quietMs: number }): Promise<UnreportedMasses | null>;
  /** Takes back that they were reported: that failed. */
  putBackUnreported(common: Common, places: UnreportedMasses): Promise<void>;
};

/** All places to name; `unreported` are the keys of those that no message has named. */
export type UnreportedMasses = { places: readonly MassIn[]; unreported: readonly string[]; incident: string };
