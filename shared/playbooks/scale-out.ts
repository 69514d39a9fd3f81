import { scaleOut } from '../actions/scale-out.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { groupIsWhole } from '../health/group.ts';
import { minutes } from '../model/duration.ts';
import { isGroup } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const scaleOutGroup = definePlaybook({
  id: 'scale-out',
  summary: 'More load than a group can carry: add capacity, step by step, never above its maximum.',
  failing: [alarmFires],
  healthy: [alarmSaysOk, groupIsWhole],
  ladder: [rung(scaleOut, { when: [isGroup], tries: 3, within: minutes(15) })],
});
