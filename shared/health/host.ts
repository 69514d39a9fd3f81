import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** No event is scheduled for the instance any more: it has left the retiring host. */
export const nothingScheduled: HealthCheck = {
  id: 'nothing-scheduled',
  check: ({ facts: { status } }) => {
    if (!status) return unknown('no status yet');
    const [first] = status.scheduled;
    return first ? unhealthy(`AWS has scheduled ${first.code} for it`) : healthy('no maintenance is scheduled for it');
  },
};
