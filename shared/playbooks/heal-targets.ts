import { rebootInstance } from '../actions/reboot-instance.ts';
import { replaceMember } from '../actions/replace-member.ts';
import { alarmIsOk } from '../health/alarm.ts';
import { targetsAreHealthy } from '../health/targets.ts';
import { hostIsFine, inGroup, lone, onlySickTarget } from './conditions.ts';
import { groupHeals } from './group-heals.ts';
import { definePlaybook, rung } from './playbook.ts';

export const healTargets = definePlaybook({
  id: 'heal-targets',
  summary: 'One target that no longer answers: treat the instance behind it. With several the cause is elsewhere, and a person looks.',
  failing: [targetsAreHealthy],
  healthy: [targetsAreHealthy, alarmIsOk],
  ladder: [
    groupHeals,
    rung(rebootInstance, { when: [lone, hostIsFine, onlySickTarget] }),
    rung(replaceMember, { when: [inGroup, onlySickTarget] }),
  ],
});
