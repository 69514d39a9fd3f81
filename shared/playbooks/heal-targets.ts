import { rebootInstance } from '../actions/reboot-instance.ts';
import { replaceMember } from '../actions/replace-member.ts';
import { runCommand } from '../actions/run-command.ts';
import { stopTask } from '../actions/stop-task.ts';
import { alarmIsOk } from '../health/alarm.ts';
import { targetsAreHealthy, treatedTargetIsWell } from '../health/targets.ts';
import { aSickTask, fewSickTargets, hostIsFine, inGroup, lone, noPortAnswers } from './conditions.ts';
import { groupHeals } from './group-heals.ts';
import { definePlaybook, rung } from './playbook.ts';

export const healTargets = definePlaybook({
  id: 'heal-targets',
  summary:
    'Targets that no longer answer: treat the instance behind each, one after the other. If more than half fail, the cause is elsewhere, and a person decides.',
  maxPasses: 5,
  failing: [targetsAreHealthy],
  healthy: [targetsAreHealthy, alarmIsOk],
  ladder: [
    groupHeals,
    rung(stopTask, { when: [aSickTask], healthy: [treatedTargetIsWell] }),
    rung(runCommand, { when: [fewSickTargets], healthy: [treatedTargetIsWell] }),
    rung(rebootInstance, { when: [lone, hostIsFine, fewSickTargets, noPortAnswers], healthy: [treatedTargetIsWell] }),
    rung(replaceMember, { when: [inGroup, fewSickTargets, noPortAnswers], healthy: [treatedTargetIsWell] }),
  ],
});
