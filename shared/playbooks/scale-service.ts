import { scaleService } from '../actions/scale-service.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { minutes } from '../model/duration.ts';
import { isContainerService } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const scaleOutService = definePlaybook({
  id: 'scale-service',
  summary: 'More load than the tasks of a service can carry: add tasks, step by step, never above the maximum of its scalable target.',
  failing: [alarmFires],
  healthy: [alarmSaysOk],
  ladder: [rung(scaleService, { when: [isContainerService], tries: 3, within: minutes(15) })],
});
