import type { HealthSample } from './input.ts';

const same = (a: HealthSample | undefined, b: HealthSample): boolean =>
  a !== undefined && a.healthy === b.healthy && a.impaired === b.impaired && a.stopped === b.stopped;

/** Only where something changes, and the end: the steps between are what they were. */
export const stepsOf = (samples: readonly HealthSample[]): HealthSample[] =>
  samples.filter((sample, i) => i === samples.length - 1 || !same(samples[i - 1], sample));

/** At most so many of many, evenly spread, the first among them. */
export const thinOut = <T>(items: readonly T[], most: number): T[] =>
  items.length <= most ? [...items] : Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)] as T);

/** At most about so many samples: of each stretch the best and the worst, so that no peak is lost, and the first and the last of all. */
export const thinHealth = (samples: readonly HealthSample[], most: number): HealthSample[] => {
  if (samples.length <= most) return [...samples];
  const stretch = Math.ceil((2 * samples.length) / most);
  const kept = new Set([0, samples.length - 1]);
  const impaired = (i: number) => samples[i]?.impaired ?? 0;
  for (let from = 0; from < samples.length; from += stretch) {
    let [best, worst] = [from, from];
    for (let i = from; i < Math.min(from + stretch, samples.length); i++) {
      if (impaired(i) < impaired(best)) best = i;
      if (impaired(i) > impaired(worst)) worst = i;
    }
    kept.add(best).add(worst);
  }
  return [...kept].sort((a, b) => a - b).map((i) => samples[i] as HealthSample);
};
