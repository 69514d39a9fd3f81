import type { HealthSample } from './input.ts';

/**
 * The health of several fleets in worlds that share their simulated time, as one: from when all of them stand. One that is over before
 * others counts on as it was in the end.
 */
export const sumHealth = (fleets: readonly (readonly HealthSample[])[]): HealthSample[] => {
  const known = fleets.filter((samples) => samples.length > 0);
  const from = known.reduce((latest, [first]) => Math.max(latest, first?.at ?? 0), 0);
  const changes = known.flatMap((samples, fleet) => samples.map((sample) => ({ fleet, sample }))).sort((a, b) => a.sample.at - b.sample.at);
  const sum = { healthy: 0, impaired: 0, stopped: 0 };
  const now = new Map<number, HealthSample>();
  const summed: HealthSample[] = [];
  for (const [i, { fleet, sample }] of changes.entries()) {
    const before = now.get(fleet);
    for (const state of ['healthy', 'impaired', 'stopped'] as const) sum[state] += sample[state] - (before?.[state] ?? 0);
    now.set(fleet, sample);
    if (sample.at >= from && changes[i + 1]?.sample.at !== sample.at) summed.push({ at: sample.at, ...sum });
  }
  return summed;
};
