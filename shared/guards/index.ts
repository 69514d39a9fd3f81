import { askedFor } from './asked-for.ts';
import { budget } from './budget.ts';
import { groupSafe } from './group-safe.ts';
import type { Guard } from './guard.ts';
import { lease } from './lease.ts';
import { optIn } from './opt-in.ts';
import { stillFailing } from './still-failing.ts';

/** Every guard there is, in the order in which they are asked. Those that cost nothing come first; the lease before what only its holder may know. */
export const guards: readonly Guard[] = [optIn, askedFor, groupSafe, stillFailing, lease, budget];
