import type { Change } from '../model/outcome.ts';

/** A call as CloudTrail tells of it. `byService`: AWS made it for itself, on nobody's behalf. */
export type TrailCall = Change & { readOnly: boolean; byService: boolean };

/** `cut` says that there is more to read, further back. */
export type Trail = { calls: TrailCall[]; cut: boolean };
