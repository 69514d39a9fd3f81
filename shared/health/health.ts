import type { Incident } from '../model/incident.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';

/**
 * The result of a health check on a look. `unknown` is neither healthy nor unhealthy (checks that still initialise, an alarm without data):
 * it never counts as healthy, and never justifies an action by itself. A check that `abstains` leaves the decision to the others, if there
 * are any.
 */
export type Health = { state: 'healthy' | 'unhealthy' | 'unknown'; because: string; abstains?: true };

export type HealthCheck = {
  id: string;
  /** The metrics, as `namespace name`, of which it sees what an alarm on them reports: `any` sees every alarm, none if left out. */
  sees?: 'any' | readonly string[];
  /** `before` is the look before the last action, or the first look if there was none. */
  check: (input: { facts: ResourceSnapshot; incident: Incident; before: ResourceSnapshot }) => Health;
};

/** A healthy result and its reason. */
export const healthy = (because: string): Health => ({ state: 'healthy', because });
/** An unhealthy result and its reason. */
export const unhealthy = (because: string): Health => ({ state: 'unhealthy', because });
/** An unknown result and its reason. */
export const unknown = (because: string): Health => ({ state: 'unknown', because });
/** The subject of the check no longer exists: the others decide. */
export const abstain = (because: string): Health => ({ state: 'unknown', because, abstains: true });

/** Combines checks: healthy if all are, unhealthy if any is, otherwise unknown. */
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
