import { promoteReplica } from '../actions/promote-replica.ts';
import { rebootDatabase } from '../actions/reboot-database.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { databaseIsAvailable, replicaStandsAlone } from '../health/database.ts';
import { minutes } from '../model/duration.ts';
import { isDatabase, sourceIsLost } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const catchUpReplica = definePlaybook({
  id: 'catch-up-replica',
  summary:
    'A replica that falls further behind: reboot it once, if a person agrees, and never what it replicates; if that is lost, promote the replica, if two people agree.',
  failing: [alarmFires],
  healthy: [databaseIsAvailable, alarmSaysOk],
  ladder: [
    // First, since the other step is of no use then.
    rung(promoteReplica, { when: [sourceIsLost], healthy: [replicaStandsAlone] }),
    rung(rebootDatabase, { when: [isDatabase], within: minutes(30) }),
  ],
});
