import { missedBeat, timingOf } from '../beats/due.ts';
import { classify } from '../failures/classify.ts';
import { type Beat, isFor } from '../model/beat.ts';
import { noRules, type Rules } from '../model/classification-rules.ts';
import { errorMessage } from '../model/errors.ts';
import { type Incident, openIncident } from '../model/incident.ts';
import { utc } from '../model/text.ts';
import { type BeatRecord, type Beats, type BlindTime, noBeat } from '../ports/beats.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import type { Started } from '../ports/starter.ts';
import { missedBeatSignal } from '../signals/heartbeat.ts';

/** What the sweep of heartbeats needs. */
export type SweepBeatsDeps = {
  beats: Omit<Beats, 'countBeat' | 'readBeat'>;
  /** The policy's. */
  watched: readonly Beat[];
  /** The policy's, for its playbooks. */
  rules?: Rules;
  start: (incident: Incident) => Promise<Started>;
  home: { account: string; region: string };
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Limits each heartbeat separately. */
  bounded?: Bounded;
  log?: Log;
};

/** How many heartbeats are watched, how many are silent, and how many incidents this sweep started. */
export type SweptBeats = { watched: number; missed: number; started: number };

type Missed = { due: number; lastAt: number | null };

/** The incident of a missed beat: the same whenever it is made, so that it is started once. */
const incidentOf = (
  beat: Beat,
  { due, lastAt }: Missed,
  since: number,
  blind: BlindTime | null,
  { home, rules = noRules }: Pick<SweepBeatsDeps, 'home' | 'rules'>,
) => {
  const { name, grace, subject = null, playbook, runbook } = beat;
  const lost = blind !== null && isFor(blind.to, due);
  const escalateReason = lost
    ? `selfheal took no notice of beats from ${utc(blind.from)} to ${utc(blind.to)}, so one may have been lost`
    : null;
  const signal = missedBeatSignal({ name, due, lastAt, since, grace, subject, runbook, escalateReason }, home);
  const remedies = playbook === undefined ? {} : { 'application-down': playbook };
  return openIncident(classify(signal, { ...rules, remedies }), home);
};

/**
 * Starts an incident for each heartbeat that misses a beat: one until beats come again, however often it sweeps and wherever it dies. What
 * is recorded first and started later has one key, so a second start joins the first. A failure with one doesn't delay the others.
 * @throws {Error} in the end if any could not be handled; the next sweep retries
 */
export const sweepBeats = async ({
  beats,
  watched,
  rules = noRules,
  start,
  home,
  now,
  bounded = unbounded,
  log,
}: SweepBeatsDeps): Promise<SweptBeats> => {
  const swept: SweptBeats = { watched: watched.length, missed: 0, started: 0 };
  if (watched.length === 0) return swept;
  const [blind, records] = await bounded(async () => [
    await beats.noteLooked(now()),
    await beats.readBeats(watched.map(({ name }) => name)),
  ]);

  const handle = async (beat: Beat, record: BeatRecord): Promise<void> => {
    const { name } = beat;
    const timing = timingOf(beat);
    if (record.watched?.timing !== timing) {
      await beats.watchBeat(name, timing, now());
      log?.({ level: 'INFO', message: 'heartbeat watched', beat: name, timing });
    }
    let { missed } = record;
    if (missed && record.lastAt !== null && record.lastAt !== missed.lastAt) {
      await beats.noteResumed(name, missed.due);
      log?.({ level: 'INFO', message: 'heartbeat resumed', beat: name });
      missed = null;
    }
    const current = record.watched?.timing === timing ? { ...record, missed } : { ...record, watched: null };
    if (missed === null) {
      const due = missedBeat(beat, current, now());
      if (due === null) return;
      if (!(await beats.noteMissed(name, { due, lastAt: record.lastAt }))) return;
      missed = { due, lastAt: record.lastAt, started: false };
    }
    swept.missed += 1;
    if (missed.started) return;
    const incident = incidentOf(beat, missed, record.watched?.since ?? missed.due, blind, { home, rules });
    if (!incident) throw new Error('no incident is made of its silence');
    const started = await start(incident);
    await beats.noteMissedStarted(name, missed.due);
    if (started === 'started') swept.started += 1;
    const { key, failure, resource, disposition, reason } = incident;
    log?.({ level: 'WARN', message: `incident ${started}`, incident: key, failure, resource, disposition, reason });
  };

  const failures: string[] = [];
  for (const beat of watched) {
    try {
      await bounded(() => handle(beat, records.get(beat.name) ?? noBeat));
    } catch (error) {
      failures.push(`${beat.name}: ${errorMessage(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(`${failures.length} heartbeats could not be handled: ${failures.slice(0, 5).join('; ')}`);
  return swept;
};
