import { addReader } from '../actions/add-reader.ts';
import { addReplica } from '../actions/add-replica.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { readerServes } from '../health/database.ts';
import { minutes } from '../model/duration.ts';
import { isDatabaseCluster, mayHaveReplicas } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const addClusterReader = definePlaybook({
  id: 'add-reader',
  summary:
    'A cluster of Aurora whose readers are busy while its writer is not, or an instance that the policy names whose load is on reads: add a reader or a read replica, up to the maximum of the policy, which is taken away once it has been calm.',
  failing: [alarmFires],
  healthy: [alarmSaysOk],
  ladder: [
    rung(addReader, { when: [isDatabaseCluster], within: minutes(30), healthy: [readerServes, alarmSaysOk] }),
    rung(addReplica, { when: [mayHaveReplicas], within: minutes(30), healthy: [readerServes, alarmSaysOk] }),
  ],
});
