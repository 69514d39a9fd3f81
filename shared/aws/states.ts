import { databaseStages } from '../model/database-state.ts';
import { stages } from '../model/member-lifecycle.ts';
import type { AlarmState, CheckStatus, InstanceState, MemberHealth, TargetState, Word } from '../model/snapshot.ts';

/** Reads a word of AWS's: one that is not listed is `unknown`. */
const reader =
  <Known extends string>(known: Readonly<Record<Known, unknown>>) =>
  (word: string | undefined): Word<Known> =>
    word !== undefined && Object.hasOwn(known, word) ? (word as Known) : 'unknown';

export const readInstanceState = reader<InstanceState>({
  pending: 1,
  running: 1,
  'shutting-down': 1,
  stopped: 1,
  stopping: 1,
  terminated: 1,
});
export const readCheckStatus = reader<CheckStatus>({ impaired: 1, initializing: 1, 'insufficient-data': 1, 'not-applicable': 1, ok: 1 });
export const readTargetState = reader<TargetState>({
  draining: 1,
  healthy: 1,
  initial: 1,
  unavailable: 1,
  unhealthy: 1,
  'unhealthy.draining': 1,
  unused: 1,
});
export const readAlarmState = reader<AlarmState>({ ALARM: 1, INSUFFICIENT_DATA: 1, OK: 1 });
export const readHealth = reader<MemberHealth>({ Healthy: 1, Unhealthy: 1 });
export const readLifecycleState = reader(stages);
export const readDatabaseState = reader(databaseStages);
