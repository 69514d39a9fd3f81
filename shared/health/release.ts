import { percent, type ReleaseEvidence, ratioOf } from '../model/release.ts';
import { abstain, type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** A release is well with hardly any errors, or with a fifth of what was seen before, but never with a tenth of all. */
const wellBelow = 0.01;
const neverAbove = 0.1;
const shareOfBefore = 0.2;

const ratioBefore = (release: ReleaseEvidence | null): number => (release && !('unread' in release) ? ratioOf(release.newer) : 0);

/** What serves now fails at hardly any of its latest requests. Without any, nothing shows that it is well. */
export const releaseIsWell: HealthCheck = {
  id: 'release-is-well',
  sees: ['AWS/Lambda Errors'],
  check: ({ facts: { service }, before }) => {
    if (!service) return unknown('the service was not found');
    if (service.kind !== 'function') return abstain(`${service.id} is no function`);
    const { release } = service;
    if (!release) return abstain(service.shifting ?? service.unreleased ?? `nothing is known of the releases of ${service.id}`);
    if ('unread' in release) return unknown(release.unread);
    const { name } = release.newer;
    const { requests, errors } = release.lately;
    if (requests === 0) return unknown(`${name} has had no requests lately`);
    const most = Math.max(
      wellBelow,
      Math.min(neverAbove, shareOfBefore * (before.service?.kind === 'function' ? ratioBefore(before.service.release) : 0)),
    );
    const says = `${errors} of the latest ${requests} requests of ${name} failed (${percent(ratioOf(release.lately))})`;
    return ratioOf(release.lately) <= most ? healthy(says) : unhealthy(says);
  },
};
