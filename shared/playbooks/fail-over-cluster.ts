import { failOverCluster } from '../actions/fail-over-cluster.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { writerServes } from '../health/database.ts';
import { isDatabaseCluster } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const failOverDatabaseCluster = definePlaybook({
  id: 'fail-over-cluster',
  summary: 'A cluster of databases without a writer that RDS has not failed over: fail it over to a reader that is not behind.',
  failing: [writerServes, alarmFires],
  healthy: [writerServes, alarmSaysOk],
  ladder: [rung(failOverCluster, { when: [isDatabaseCluster] })],
});
