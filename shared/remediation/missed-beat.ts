import { beatArrived } from '../health/beat.ts';
import { formatDuration, hours, minutes } from '../model/duration.ts';
import { createInterims } from './episode.ts';
import type { Treatment, TreatmentResult } from './treatment-context.ts';

/** When people are reminded, and when an incident ends although no beat has come, in seconds after it was reported. */
const reminders = [hours(4), hours(24)] as const;
const longest = hours(72);
/** The time between two looks, in seconds: a tenth of what has passed, so that their number stays small. */
const pauseAfter = (age: number): number => Math.min(minutes(10), Math.max(minutes(2), age / 10));

/**
 * Tells people of a missed beat at once, reminds them while none comes, and says when one has come: one incident for one silence. What has
 * never sent a beat is only reported.
 */
export const reportMissedBeat = async (treatment: Treatment, reason: string): Promise<TreatmentResult> => {
  const { incident, journal, observer } = treatment;
  const escalated = (text: string): TreatmentResult => ({ status: 'escalated', verified: false, reason: text });
  const opened = { opened: true } as const;
  const health = () => {
    const seen = observer.last();
    return seen ? observer.health([beatArrived], seen) : null;
  };
  if (health()?.state !== 'unhealthy') return escalated(reason);
  const { failure, evidence } = incident();
  const tell = createInterims(treatment);
  const runbook = evidence.runbook === undefined ? '' : `; runbook: ${evidence.runbook}`;
  const notified = (await tell('opened', `${failure} needs you`, `${reason}${runbook}`)) === null;
  // Nobody was notified: the outcome is sent, which is delivered until it arrives.
  if (!notified) return { ...escalated(reason), ...opened };
  const left = [...reminders];
  const since = journal.now();
  for (;;) {
    const age = (journal.now() - since) / 1000;
    if (age >= longest)
      return { ...escalated(`no beat in ${formatDuration(age)} since it was reported: ${reason}`), ...opened, notified: true };
    if (left[0] !== undefined && age >= left[0]) {
      left.shift();
      await tell('reminder', `${failure} continues`, `still no beat after ${formatDuration(age)}: ${reason}${runbook}`);
    }
    await journal.wait('beat-wait', Math.min(pauseAfter(age), (left[0] ?? longest) - age));
    await observer.observe('status-only');
    const now = health();
    if (now?.state === 'healthy')
      return { status: 'healed-itself', verified: true, reason: `no action was taken: ${now.because}`, ...opened };
  }
};
