import { rebootDatabase } from '../actions/reboot-database.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { databaseIsAvailable } from '../health/database.ts';
import { isDatabase } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const rebootImpairedDatabase = definePlaybook({
  id: 'reboot-database',
  summary: 'A database instance that an alarm shows as impaired: reboot it once, if a person agrees.',
  failing: [databaseIsAvailable, alarmFires],
  healthy: [databaseIsAvailable, alarmSaysOk],
  ladder: [rung(rebootDatabase, { when: [isDatabase] })],
});
