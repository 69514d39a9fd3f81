import type { Change } from '../model/outcome.ts';

/** A call recorded by CloudTrail. `byService`: an AWS service made it for itself, not for a caller. */
export type TrailCall = Change & { readOnly: boolean; byService: boolean };

/** Calls on a resource, newest first. `cut`: there are older ones that were not read. */
export type Trail = { calls: TrailCall[]; cut: boolean };
