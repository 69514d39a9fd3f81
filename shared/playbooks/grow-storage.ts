import { growStorage } from '../actions/grow-storage.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { storageHasGrown } from '../health/database.ts';
import { isDatabase } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const growDatabaseStorage = definePlaybook({
  id: 'grow-storage',
  summary: 'A database instance whose storage is filling up: grow it once, up to the maximum of the policy.',
  failing: [alarmFires],
  healthy: [alarmSaysOk],
  ladder: [rung(growStorage, { when: [isDatabase], healthy: [storageHasGrown, alarmSaysOk] })],
});
