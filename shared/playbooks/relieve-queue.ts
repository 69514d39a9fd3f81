import { redrive } from '../actions/redrive.ts';
import { scaleOut } from '../actions/scale-out.ts';
import { scaleService } from '../actions/scale-service.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { groupIsWhole } from '../health/group.ts';
import { queueIsRelieved } from '../health/queue.ts';
import { minutes } from '../model/duration.ts';
import { consumedByGroup, isContainerService, isDeadLetterQueue } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const relieveQueue = definePlaybook({
  id: 'relieve-queue',
  summary:
    'A queue that fills up: move dead letters back once what processes them is healthy, a few first and the rest only if none of these dies again; scale out the group or the service that is named for a queue.',
  failing: [alarmFires],
  healthy: [queueIsRelieved, alarmSaysOk],
  ladder: [
    rung(redrive, { when: [isDeadLetterQueue] }),
    rung(scaleOut, { when: [consumedByGroup], tries: 3, within: minutes(15), healthy: [alarmSaysOk, groupIsWhole] }),
    rung(scaleService, { when: [isContainerService], tries: 3, within: minutes(15), healthy: [alarmSaysOk] }),
  ],
});
