import { replaceMember } from '../actions/replace-member.ts';
import { stopStartInstance } from '../actions/stop-start-instance.ts';
import { alarmIsOk } from '../health/alarm.ts';
import { memberIsReplaced } from '../health/group.ts';
import { statusChecksPass } from '../health/status-checks.ts';
import { minutes } from '../model/duration.ts';
import { ebsOnly, inGroup, lone, onDemand } from './conditions.ts';
import { ec2Recovers } from './ec2-recovers.ts';
import { groupHeals } from './group-heals.ts';
import { definePlaybook, rung } from './playbook.ts';

export const recoverHost = definePlaybook({
  id: 'recover-host',
  summary: 'A failed host: leave it to EC2 or to the group for a while, then move the instance to another host, or replace the member.',
  failing: [statusChecksPass],
  healthy: [statusChecksPass, alarmIsOk],
  ladder: [
    ec2Recovers,
    groupHeals,
    rung(stopStartInstance, { when: [lone, ebsOnly, onDemand], within: minutes(20) }),
    rung(replaceMember, { when: [inGroup], healthy: [memberIsReplaced] }),
  ],
});
