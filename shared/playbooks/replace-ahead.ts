import { replaceMember } from '../actions/replace-member.ts';
import { memberIsReplaced } from '../health/group.ts';
import { inGroup, reclaimable } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const replaceAhead = definePlaybook({
  id: 'replace-ahead',
  summary:
    'A spot instance that EC2 reclaims in two minutes: have its group replace it now, so that it drains and its replacement starts earlier.',
  failing: [memberIsReplaced],
  healthy: [memberIsReplaced],
  ladder: [rung(replaceMember, { when: [inGroup, reclaimable], backoff: { initial: 2, cap: 15, attempts: 4 } })],
});
