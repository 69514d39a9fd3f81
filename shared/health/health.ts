import type { Incident } from '../model/incident.ts';
import type { Facts } from '../model/snapshot.ts';

/**
 * What a health check says of a look. `unknown` is neither: checks that are still initialising, an alarm without data. It is never
 * taken for healthy, and by itself it never justifies an action. A check that `abstains` leaves the word to the others, if there are any.
 */
export type Health = { state: 'healthy' | 'unhealthy' | 'unknown'; because: string; abstains?: true };

/** `before` is the look that preceded the last action, or the first look if there was none. */
export type HealthCheck = { id: string; check: (input: { facts: Facts; incident: Incident; before: Facts }) => Health };

export const healthy = (because: string): Health => ({ state: 'healthy', because });
export const unhealthy = (because: string): Health => ({ state: 'unhealthy', because });
export const unknown = (because: string): Health => ({ state: 'unknown', because });
/** What this check asks isn't there any more: the others decide. */
export const abstain = (because: string): Health => ({ state: 'unknown', because, abstains: true });

/** All must be healthy; one that is unhealthy decides; otherwise nobody knows yet. */
export const assess = (checks: readonly HealthCheck[], input: Parameters<HealthCheck['check']>[0]): Health => {
  const all = checks.map(({ check }) => check(input));
  const speaking = all.filter(({ abstains }) => !abstains);
  const results = speaking.length > 0 ? speaking : all;
  const because = (state: Health['state']) =>
    results
      .filter((result) => result.state === state)
      .map((result) => result.because)
      .join('; ');
  for (const state of ['unhealthy', 'unknown'] as const)
    if (results.some((result) => result.state === state)) return { state, because: because(state) };
  return healthy(because('healthy'));
};
