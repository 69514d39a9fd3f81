import { type Beat, isFor } from '../model/beat.ts';
import { lastTimeOf, parseCron } from '../model/cron.ts';
import { secondsOf } from '../model/duration.ts';
import type { BeatRecord } from '../ports/beats.ts';

/** What the due times depend on. If it changes, only later ones count. */
export const timingOf = ({ every, schedule, timeZone = 'UTC' }: Beat): string => (every ? `every ${every}` : `${schedule} ${timeZone}`);

/**
 * When a beat was due that hasn't come, with its grace over: the newest such time of a schedule. Null if none is missed. A due time from
 * before the heartbeat was watched doesn't count.
 */
export const missedBeat = (beat: Beat, { lastAt, watched }: BeatRecord, now: number): number | null => {
  if (watched === null) return null;
  const over = now - secondsOf(beat.grace) * 1000;
  const { schedule, timeZone = 'UTC' } = beat;
  if (schedule === undefined) {
    const due = Math.max(lastAt ?? 0, watched.since) + secondsOf(beat.every ?? '') * 1000;
    return due <= over ? due : null;
  }
  const due = lastTimeOf(parseCron(schedule), timeZone, over)?.first ?? null;
  if (due === null || due < watched.since || (lastAt !== null && isFor(lastAt, due))) return null;
  return due;
};
