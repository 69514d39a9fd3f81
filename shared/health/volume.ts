import { hasEffect, volumeOf } from '../model/disk.ts';
import { abstain, type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** A volume that was grown has its new size. Of any other only the alarm tells. */
export const volumeIsGrown: HealthCheck = {
  id: 'volume-is-grown',
  check: ({ facts, before }) => {
    const [now, then] = [volumeOf(facts), volumeOf(before)];
    if ('why' in now || 'why' in then) return abstain('no volume is known under the file system');
    const { id, size, modification } = now.volume;
    if (!modification || modification.size <= then.volume.size) return abstain(`volume ${id} was not grown`);
    if (modification.state === 'failed') return unhealthy(`the modification of volume ${id} has failed`);
    return hasEffect(modification) ? healthy(`volume ${id} has ${size} GiB`) : unknown(`volume ${id} is ${modification.state}`);
  },
};
