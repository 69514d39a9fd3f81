import { memberIsReplaced } from '../health/group.ts';
import { minutes } from '../model/duration.ts';
import { inGroup } from './conditions.ts';
import { watch } from './playbook.ts';

/** Two controllers must not fight: wait while the group replaces its own member. */
export const groupHeals = watch({
  because: 'its group replaces unhealthy members automatically',
  atMost: minutes(10),
  when: [inGroup],
  or: [memberIsReplaced],
  grace: 'group',
});
