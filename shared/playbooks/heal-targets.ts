import { rebootInstance } from '../actions/reboot-instance.ts';
import { replaceMember } from '../actions/replace-member.ts';
import { runCommand } from '../actions/run-command.ts';
import { stopStartInstance } from '../actions/stop-start-instance.ts';
import { stopTask } from '../actions/stop-task.ts';
import { alarmIsOk } from '../health/alarm.ts';
import { targetsAreHealthy, treatedTargetIsWell } from '../health/targets.ts';
import { minutes } from '../model/duration.ts';
import {
  aSickTask,
  ebsOnly,
  fewSickTargets,
  hostIsFine,
  hostIsImpaired,
  inGroup,
  lone,
  noPortAnswers,
  noTargetIsSick,
  onDemand,
} from './conditions.ts';
import { ec2Recovers } from './ec2-recovers.ts';
import { groupHeals } from './group-heals.ts';
import { definePlaybook, rung, watch } from './playbook.ts';

export const healTargets = definePlaybook({
  id: 'heal-targets',
  summary:
    'Targets that no longer answer: treat the instance behind each, one after the other. If more than half fail, the cause is elsewhere, and a person decides.',
  maxPasses: 5,
  failing: [targetsAreHealthy],
  healthy: [targetsAreHealthy, alarmIsOk],
  ladder: [
    // As where its status checks tell of the same host: whoever comes second waits for the first, and people hear of it once.
    { ...ec2Recovers, when: [...ec2Recovers.when, hostIsImpaired, fewSickTargets] },
    groupHeals,
    rung(stopTask, { when: [aSickTask], healthy: [treatedTargetIsWell] }),
    rung(runCommand, { when: [fewSickTargets], healthy: [treatedTargetIsWell] }),
    rung(rebootInstance, { when: [lone, hostIsFine, fewSickTargets, noPortAnswers], healthy: [treatedTargetIsWell] }),
    rung(stopStartInstance, {
      when: [lone, ebsOnly, onDemand, hostIsImpaired, fewSickTargets, noPortAnswers],
      healthy: [treatedTargetIsWell],
      within: minutes(20),
    }),
    rung(replaceMember, { when: [inGroup, fewSickTargets, noPortAnswers], healthy: [treatedTargetIsWell] }),
    // Its instance was stopped to be moved, or has left: the alarm needs some minutes to see it.
    watch({ because: 'no target fails any more', atMost: minutes(10), when: [noTargetIsSick] }),
  ],
});
