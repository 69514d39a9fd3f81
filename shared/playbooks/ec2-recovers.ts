import { minutes } from '../model/duration.ts';
import { lone, recoveredByEc2 } from './conditions.ts';
import { watch } from './playbook.ts';

/**
 * Two healers must not fight: wait while EC2 may still move the instance off its failed host. AWS doesn't publish how long that takes: assumed
 * are up to ten minutes from the failure, of which three are over when an alarm fires.
 */
export const ec2Recovers = watch({
  because: 'EC2 automatically recovers instances from failed hosts',
  atMost: minutes(7),
  when: [lone, recoveredByEc2],
});
