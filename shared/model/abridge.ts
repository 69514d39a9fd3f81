import type { Outcome, TimelineEntry } from './outcome.ts';

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Characters kept of a timeline line when space is very short. */
const shortLineLength = 200;

/** The first and the last `keep` entries of a list, with a replacement for the omitted middle. */
const keepEnds = <T>(list: readonly T[], keep: number, rest: (first: T, missing: number) => readonly T[]): T[] => {
  const gap = list[keep];
  return gap === undefined || list.length <= 2 * keep
    ? [...list]
    : [...list.slice(0, keep), ...rest(gap, list.length - 2 * keep), ...list.slice(-keep)];
};

const truncateTimeline = (timeline: readonly TimelineEntry[], keep: number): TimelineEntry[] =>
  keepEnds(timeline, keep, (gap, missing) => [{ at: gap.at, phase: gap.phase, text: `lines omitted here: ${missing}` }]);

/**
 * Shortens an outcome to at most `bytes` of JSON in UTF-8. It keeps the first and the last `keep` lines of the timeline and says how many
 * are missing. If that is still too long, it keeps fewer lines, drops the guards' answers, and finally truncates each line, so the result
 * fits wherever its first and last line do.
 */
export const abridge = (outcome: Outcome, { bytes, keep }: { bytes: number; keep: number }): Outcome => {
  if (bytesOf(outcome) <= bytes) return outcome;
  const plain = outcome.timeline.map(({ at, phase, text }) => ({ at, phase, text }));
  let shorter: Outcome = { ...outcome, timeline: truncateTimeline(outcome.timeline, keep) };
  for (let kept = keep; kept >= 1 && bytesOf(shorter) > bytes; kept = Math.floor(kept / 2)) {
    shorter = { ...outcome, timeline: truncateTimeline(plain, kept), actions: keepEnds(outcome.actions, Math.max(kept, 5), () => []) };
  }
  if (bytesOf(shorter) <= bytes) return shorter;
  return { ...shorter, timeline: shorter.timeline.map((line) => ({ ...line, text: line.text.slice(0, shortLineLength) })) };
};

/** The newest lines of an unfinished timeline, limited in number and in total bytes, without the guards' answers. */
export const newestLines = (
  timeline: readonly TimelineEntry[],
  { lines, bytes }: { lines: number; bytes: number },
): Pick<TimelineEntry, 'at' | 'phase' | 'text'>[] => {
  const newest: Pick<TimelineEntry, 'at' | 'phase' | 'text'>[] = [];
  let left = bytes;
  for (const { at, phase, text } of timeline.slice(-lines).reverse()) {
    const line = { at, phase, text };
    left -= bytesOf(line) + 1;
    if (left < 0) break;
    newest.unshift(line);
  }
  return newest;
};
