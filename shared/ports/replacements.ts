import * as z from 'zod';
import { SelfhealError } from '../model/errors.ts';
import type { Leasable } from '../model/place.ts';

export const replacementSchema = z.object({ at: z.number(), key: z.string().default(''), young: z.boolean() });

/**
 * A replacement of a group's member by selfheal; `at` is milliseconds since the epoch. `young`: the member had itself been launched after
 * an earlier replacement and failed within an hour. `key` identifies the replacement.
 */
export type Replacement = z.infer<typeof replacementSchema>;

/** Replacements in a group or behind a target group. `version` is for optimistic locking: the next record must find it unchanged. */
export type Replacements = { of: Leasable; earlier: Replacement[]; version: number };

/**
 * Past replacements by group or target group.
 * @throws whatever the SDK throws, from all methods
 */
export type ReplacementLog = {
  replacements(of: Leasable): Promise<Replacements>;
  /**
   * Records a replacement before it begins.
   * @throws {OutdatedError} if another one has been recorded since `known` was read: then it must not begin
   */
  recordReplacement(known: Replacements, one: Replacement): Promise<void>;
  /**
   * Removes the replacement recorded after `known` was read, because it had no effect. Does nothing if another one has been recorded since.
   */
  forgetReplacement(known: Replacements): Promise<void>;
};

/** The record has changed since it was read. */
export class OutdatedError extends SelfhealError {
  override readonly name = 'Outdated';
}
