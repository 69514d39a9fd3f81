import type { Outcome } from './outcome.ts';

const bytesOf = (outcome: Outcome): number => new TextEncoder().encode(JSON.stringify(outcome)).length;

/**
 * The outcome for a place that takes only so much: one of more than `bytes` as JSON in UTF-8 keeps the first and the last `keep`
 * lines of its timeline, and says how many are missing.
 */
export const abridge = (outcome: Outcome, { bytes, keep }: { bytes: number; keep: number }): Outcome => {
  const { timeline } = outcome;
  const gap = timeline[keep];
  if (!gap || timeline.length <= 2 * keep || bytesOf(outcome) <= bytes) return outcome;
  const missing = { ...gap, text: `lines left out here: ${timeline.length - 2 * keep}` };
  return { ...outcome, timeline: [...timeline.slice(0, keep), missing, ...timeline.slice(-keep)] };
};
