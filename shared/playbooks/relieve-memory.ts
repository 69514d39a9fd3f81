import { rebootInstance } from '../actions/reboot-instance.ts';
import { replaceMember } from '../actions/replace-member.ts';
import { runCommand } from '../actions/run-command.ts';
import { scaleOut } from '../actions/scale-out.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { memberIsReplaced } from '../health/group.ts';
import { statusChecksPass } from '../health/status-checks.ts';
import { anInstance, inGroup, lone, wholeGroup } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const relieveMemory = definePlaybook({
  id: 'relieve-memory',
  summary:
    "Memory is running out: run the owner's command if there is one; reboot a standalone instance, replace a group member, scale out a group that is short of memory overall.",
  failing: [alarmFires],
  healthy: [alarmSaysOk, statusChecksPass],
  ladder: [
    rung(runCommand, { when: [anInstance] }),
    rung(scaleOut, { when: [wholeGroup], tries: 2 }),
    rung(rebootInstance, { when: [lone] }),
    rung(replaceMember, { when: [inGroup], healthy: [memberIsReplaced] }),
  ],
});
