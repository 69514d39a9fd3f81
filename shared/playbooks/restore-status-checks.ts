import { rebootInstance } from '../actions/reboot-instance.ts';
import { replaceMember } from '../actions/replace-member.ts';
import { stopStartInstance } from '../actions/stop-start-instance.ts';
import { alarmIsOk } from '../health/alarm.ts';
import { memberIsReplaced } from '../health/group.ts';
import { statusChecksPass } from '../health/status-checks.ts';
import { minutes } from '../incident/duration.ts';
import { ebsOnly, hostIsFine, hostIsImpaired, inGroup, lone, onDemand } from './conditions.ts';
import { groupHeals } from './group-heals.ts';
import { definePlaybook, rung, watch } from './playbook.ts';

export const restoreStatusChecks = definePlaybook({
  id: 'restore-status-checks',
  summary: 'Either status check failed: the live look tells which, and it is treated as a failed host or as an instance that hangs.',
  failing: [statusChecksPass],
  healthy: [statusChecksPass, alarmIsOk],
  ladder: [
    watch({ because: 'EC2 recovers hosts by itself', atMost: minutes(5), when: [lone, hostIsImpaired] }),
    groupHeals,
    rung(rebootInstance, { when: [lone, hostIsFine] }),
    rung(stopStartInstance, { when: [lone, ebsOnly, onDemand], within: minutes(20) }),
    rung(replaceMember, { when: [inGroup], healthy: [memberIsReplaced] }),
  ],
});
