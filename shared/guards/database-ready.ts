import { databaseStages, windowEnd } from '../model/database-state.ts';
import { type Check, defineGuard, escalate, hold, holdForNow, holdUnseen, holdUntil, none, pass } from './guard.ts';

const mayReboot: Check = ({ facts: { database }, incident, policy, now }) => {
  if (policy.databases.reboot !== 'on') return hold('databases.reboot in the policy is off');
  if (!database) return hold('the database does not exist');
  const { id, state, cluster, pending, maintenanceWindow } = database;
  if (state === 'unknown') return holdUnseen(`${id} is in an unknown state`);
  const stage = databaseStages[state];
  if (stage === 'busy') return holdForNow(`${id} is ${state}`);
  if (stage === 'down') return escalate(`${id} is ${state}, and RDS only reboots what is available`);
  if (!incident.alarm) return escalate(`${id} is available, and no alarm shows that a reboot would help`);
  if (cluster !== null) return escalate(`${id} is a member of cluster ${cluster}, which may fail over if it restarts`);
  if (pending.length > 0) return hold(`a reboot of ${id} may apply its pending changes: ${pending.join(', ')}`);
  const until = maintenanceWindow === null ? undefined : windowEnd(maintenanceWindow, now);
  if (until === undefined) return hold(`the maintenance window of ${id} is unknown`);
  if (until === null) return pass;
  const reason = `${id} is in its maintenance window (${maintenanceWindow} UTC)`;
  return until - now <= policy.lease.patience * 1000 ? holdUntil(reason, until) : hold(reason);
};

const unknown: Check = ({ action, target }) => hold(`can't tell what ${action.id} does to the data of ${target.type} ${target.id}`);

/**
 * Nothing but a reboot is ever done to a database, and only where the policy allows it, RDS is not at work on it, and an alarm shows the
 * failure. A reboot may apply pending changes, which their author wants in the maintenance window; and in that window RDS itself restarts
 * what it maintains.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
 */
export const databaseReady = defineGuard({
  id: 'database-ready',
  live: true,
  check: {
    of: {
      instance: none,
      group: none,
      service: none,
      queue: none,
      task: none,
      certificate: none,
      database: {
        interrupts: mayReboot,
        starts: unknown,
        changesSoftware: unknown,
        removesFromService: unknown,
        destroys: unknown,
        addsCapacity: unknown,
        changesAddress: unknown,
        repeatsWork: unknown,
        growsStorage: unknown,
      },
    },
  },
});
