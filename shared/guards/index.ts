import type { GuardId } from '../model/guard-settings.ts';
import { alarmActions } from './alarm-actions.ts';
import { approval } from './approval.ts';
import { asgConstraints } from './asg-constraints.ts';
import { budget } from './budget.ts';
import { calendar, calendarPermissions } from './calendar.ts';
import { canStartAgain, canStartAgainPermissions } from './can-start-again.ts';
import { capacity, capacityPermissions } from './capacity.ts';
import { clusterShare } from './cluster-share.ts';
import { concurrencyRoom } from './concurrency-room.ts';
import { concurrentRemediation, concurrentRemediationPermissions } from './concurrent-remediation.ts';
import { cooldown } from './cooldown.ts';
import { databaseReady } from './database-ready.ts';
import { diskReady } from './disk-ready.ts';
import { disruptionBudget } from './disruption-budget.ts';
import { drain } from './drain.ts';
import { flapping } from './flapping.ts';
import { groupBudget, groupBudgetPermissions } from './group-budget.ts';
import { groupCanLaunch, groupCanLaunchPermissions } from './group-can-launch.ts';
import type { DefinedGuard, Guard } from './guard.ts';
import { intentionalStop } from './intentional-stop.ts';
import { killSwitch } from './kill-switch.ts';
import { lease } from './lease.ts';
import { massFailure } from './mass-failure.ts';
import { mode } from './mode.ts';
import { optIn } from './opt-in.ts';
import { overrides } from './overrides.ts';
import { owner } from './owner.ts';
import { paused } from './paused.ts';
import { protection, protectionPermissions } from './protection.ts';
import { provenVersion, provenVersionPermissions } from './proven-version.ts';
import { publicAddress } from './public-address.ts';
import { queueReady } from './queue-ready.ts';
import { reachable } from './reachable.ts';
import { recentManualChange, recentManualChangePermissions } from './recent-manual-change.ts';
import { releaseToBlame } from './release-to-blame.ts';
import { serviceReady } from './service-ready.ts';
import { stillFailing } from './still-failing.ts';
import { validationRecord } from './validation-record.ts';
import { zone } from './zone.ts';
import { zoneHosts, zoneHostsPermissions } from './zone-hosts.ts';

/**
 * All guards, in the order in which they are asked.
 * 1. Free ones, which only need the look, and, before what they would tell people, what people have paused.
 * 2. Mass failure, from the ledger: before anything that could hold single incidents, so that many failures become one message.
 * 3. Look-ups, each only for the actions that need it.
 * 4. Guards that may ask a person, who is not asked about actions that would be held anyway.
 * 5. Leases, and guards that need one: so that an incident that won't act takes none.
 * What governs each is in `model/guard-settings.ts`, without which it doesn't compile here.
 */
export const guards: readonly DefinedGuard[] = [
  ...[
    optIn,
    paused,
    overrides,
    mode,
    owner,
    alarmActions,
    intentionalStop,
    asgConstraints,
    databaseReady,
    serviceReady,
    concurrencyRoom,
    validationRecord,
    diskReady,
    stillFailing,
  ],
  ...[massFailure, zone],
  ...[
    killSwitch,
    releaseToBlame,
    reachable,
    concurrentRemediation,
    capacity,
    groupCanLaunch,
    zoneHosts,
    canStartAgain,
    drain,
    queueReady,
    recentManualChange,
    calendar,
  ],
  ...[provenVersion, publicAddress, protection, approval],
  ...[lease, cooldown, budget, flapping, groupBudget, disruptionBudget, clusterShare],
] satisfies readonly DefinedGuard<GuardId>[];

/**
 * Guards on ownership and permission, asked again when an action continues after a long wait, since people may have changed them meanwhile.
 * The others describe the state before selfheal's own changes.
 */
export const guardsMidway: readonly Guard[] = [optIn, overrides, mode, owner];

/** Guards whose refusal won't change during an incident, so that waiting is of no use. */
export const guardsForGood: readonly Guard[] = [optIn, paused, overrides, mode];

/** IAM actions of the guards' look-ups. A test compares them with the packaged template. */
export const guardPermissions = [
  ...calendarPermissions,
  ...canStartAgainPermissions,
  ...capacityPermissions,
  ...groupBudgetPermissions,
  ...groupCanLaunchPermissions,
  ...concurrentRemediationPermissions,
  ...protectionPermissions,
  ...provenVersionPermissions,
  ...recentManualChangePermissions,
  ...zoneHostsPermissions,
] as const;
