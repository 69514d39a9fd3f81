import { addReader } from '../actions/add-reader.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { readerServes } from '../health/database.ts';
import { minutes } from '../model/duration.ts';
import { isDatabaseCluster } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const addClusterReader = definePlaybook({
  id: 'add-reader',
  summary:
    'A cluster of Aurora whose readers are busy while its writer is not: add a reader, up to the maximum of the policy, which is taken away once it has been calm.',
  failing: [alarmFires],
  healthy: [alarmSaysOk],
  ladder: [rung(addReader, { when: [isDatabaseCluster], within: minutes(30), healthy: [readerServes, alarmSaysOk] })],
});
