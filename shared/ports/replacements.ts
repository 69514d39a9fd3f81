import * as z from 'zod';
import type { Leasable } from '../model/place.ts';

export const replacementSchema = z.object({ at: z.number(), key: z.string().default(''), young: z.boolean() });

/**
 * A member that selfheal had replaced, `at` in milliseconds since the epoch. `young`: it had itself been launched after an earlier
 * replacement, and failed within an hour. `key` tells it from any other.
 */
export type Replacement = z.infer<typeof replacementSchema>;

/** What was replaced in a group, or behind a target group; `version` is what the next record must find unchanged. */
export type Replacements = { of: Leasable; earlier: Replacement[]; version: number };

/** Replacements by what they are taken from. All methods throw what the SDK throws. */
export type ReplacementLog = {
  replacements(of: Leasable): Promise<Replacements>;
  /** Notes one before it is begun. Throws `Outdated` if another one has been noted since `known` was read: then nothing may be done. */
  recordReplacement(known: Replacements, one: Replacement): Promise<void>;
  /** Takes back what was noted last after `known` was read, since it had no effect; does nothing if another one has been noted since. */
  forgetReplacement(known: Replacements): Promise<void>;
};

export class Outdated extends Error {
  override readonly name = 'Outdated';
}
