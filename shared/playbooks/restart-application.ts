import { rebootInstance } from '../actions/reboot-instance.ts';
import { replaceMember } from '../actions/replace-member.ts';
import { runCommand } from '../actions/run-command.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { memberIsReplaced } from '../health/group.ts';
import { statusChecksPass } from '../health/status-checks.ts';
import { anInstance, hostIsFine, inGroup, lone } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const restartApplication = definePlaybook({
  id: 'restart-application',
  summary:
    "A dead process on an instance: restart it by the owner's command, then reboot the instance if it stands alone or replace it if it is a group member.",
  failing: [alarmFires],
  healthy: [alarmSaysOk, statusChecksPass],
  ladder: [
    rung(runCommand, { when: [anInstance] }),
    rung(rebootInstance, { when: [lone, hostIsFine] }),
    rung(replaceMember, { when: [inGroup], healthy: [memberIsReplaced] }),
  ],
});
