import { alarmActions } from './alarm-actions.ts';
import { approval } from './approval.ts';
import { askedFor } from './asked-for.ts';
import { budget } from './budget.ts';
import { calendar, calendarPermissions } from './calendar.ts';
import { canStartAgain, canStartAgainPermissions } from './can-start-again.ts';
import { capacity, capacityPermissions } from './capacity.ts';
import { flapping } from './flapping.ts';
import { groupBudget, groupBudgetPermissions } from './group-budget.ts';
import { groupCanLaunch, groupCanLaunchPermissions } from './group-can-launch.ts';
import { groupPlace } from './group-place.ts';
import { groupSafe } from './group-safe.ts';
import type { Guard } from './guard.ts';
import { killSwitch } from './kill-switch.ts';
import { lease } from './lease.ts';
import { massFailure } from './mass-failure.ts';
import { mode } from './mode.ts';
import { optIn } from './opt-in.ts';
import { otherHealer, otherHealerPermissions } from './other-healer.ts';
import { overrides } from './overrides.ts';
import { owner } from './owner.ts';
import { protection, protectionPermissions } from './protection.ts';
import { publicAddress } from './public-address.ts';
import { somebodyAtWork, somebodyAtWorkPermissions } from './somebody-at-work.ts';
import { stillFailing } from './still-failing.ts';
import { zone } from './zone.ts';

/**
 * Every guard there is, in the order in which they are asked.
 * 1. Those that cost nothing: they need what the look has seen, and no more.
 * 2. What else fails, from the ledger: before all that could hold single incidents, so that many together become one message.
 * 3. Look-ups, each only for the actions that it matters to.
 * 4. Those that may ask a person: he is not asked about what would be held anyway.
 * 5. The leases, and what only their holder may know: so that nothing is taken by whoever then doesn't act.
 */
export const guards: readonly Guard[] = [
  ...[optIn, overrides, mode, owner, alarmActions, askedFor, groupSafe, stillFailing],
  ...[massFailure, zone],
  ...[killSwitch, otherHealer, capacity, groupCanLaunch, canStartAgain, somebodyAtWork, calendar],
  ...[publicAddress, protection, approval],
  ...[lease, budget, flapping, groupBudget, groupPlace],
];

/**
 * Those that say whose it is and what may be done with it: asked again where an action goes on after a long while, since somebody may have
 * decided otherwise. What the others see is how things were before selfheal itself had changed them.
 */
export const guardsMidway: readonly Guard[] = [optIn, overrides, mode, owner];

/** Those whose no holds for as long as the incident may last: what they forbid nobody need wait for. */
export const guardsForGood: readonly Guard[] = [optIn, overrides, mode];

/** Permissions of the guards' look-ups; held against the packaged template. */
export const guardPermissions = [
  ...calendarPermissions,
  ...canStartAgainPermissions,
  ...capacityPermissions,
  ...groupBudgetPermissions,
  ...groupCanLaunchPermissions,
  ...otherHealerPermissions,
  ...protectionPermissions,
  ...somebodyAtWorkPermissions,
] as const;
