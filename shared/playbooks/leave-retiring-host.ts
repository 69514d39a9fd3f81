import { replaceMember } from '../actions/replace-member.ts';
import { stopStartInstance } from '../actions/stop-start-instance.ts';
import { memberIsReplaced } from '../health/group.ts';
import { nothingScheduled } from '../health/host.ts';
import { statusChecksPass } from '../health/status-checks.ts';
import { minutes } from '../model/duration.ts';
import { ebsOnly, inGroup, lone, onDemand } from './conditions.ts';
import { definePlaybook, maintenanceWindow, rung } from './playbook.ts';

export const leaveRetiringHost = definePlaybook({
  id: 'leave-retiring-host',
  summary:
    'A host that AWS retires: leave it in the maintenance window before the deadline, so that AWS does not stop the instance at a bad time.',
  failing: [nothingScheduled],
  healthy: [nothingScheduled, statusChecksPass],
  ladder: [
    maintenanceWindow(),
    rung(stopStartInstance, { when: [lone, ebsOnly, onDemand], within: minutes(20) }),
    rung(replaceMember, { when: [inGroup], healthy: [memberIsReplaced] }),
  ],
});
