import { rebootDatabase } from '../actions/reboot-database.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { databaseIsAvailable } from '../health/database.ts';
import { minutes } from '../model/duration.ts';
import { isDatabase } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const catchUpReplica = definePlaybook({
  id: 'catch-up-replica',
  summary: 'A replica that falls further behind: reboot it once, if a person agrees, and never what it replicates.',
  failing: [alarmFires],
  healthy: [databaseIsAvailable, alarmSaysOk],
  ladder: [rung(rebootDatabase, { when: [isDatabase], within: minutes(30) })],
});
