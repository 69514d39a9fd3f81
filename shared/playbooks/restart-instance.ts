import { rebootInstance } from '../actions/reboot-instance.ts';
import { replaceMember } from '../actions/replace-member.ts';
import { stopStartInstance } from '../actions/stop-start-instance.ts';
import { alarmIsOk } from '../health/alarm.ts';
import { memberIsReplaced } from '../health/group.ts';
import { statusChecksPass } from '../health/status-checks.ts';
import { minutes } from '../model/duration.ts';
import { ebsOnly, hostIsFine, hostIsImpaired, inGroup, lone, onDemand } from './conditions.ts';
import { ec2Recovers } from './ec2-recovers.ts';
import { groupHeals } from './group-heals.ts';
import { definePlaybook, rung } from './playbook.ts';

export const restartInstance = definePlaybook({
  id: 'restart-instance',
  summary:
    'An instance that no longer answers: reboot it, then move it to another host; leave a group member to its group, then replace it.',
  failing: [statusChecksPass],
  healthy: [statusChecksPass, alarmIsOk],
  ladder: [
    // A failed host fails the instance check as well.
    { ...ec2Recovers, when: [...ec2Recovers.when, hostIsImpaired] },
    groupHeals,
    rung(rebootInstance, { when: [lone, hostIsFine] }),
    rung(stopStartInstance, { when: [lone, ebsOnly, onDemand], within: minutes(20) }),
    rung(replaceMember, { when: [inGroup], healthy: [memberIsReplaced] }),
  ],
});
