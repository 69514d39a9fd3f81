import { isDeepStrictEqual } from 'node:util';
import { alarmFires, alarmIsOk, alarmSaysOk } from '../health/alarm.ts';
import { beatArrived } from '../health/beat.ts';
import { replicaStandsAlone } from '../health/database.ts';
import { memberIsReplaced } from '../health/group.ts';
import type { HealthCheck } from '../health/health.ts';
import { treatedTargetIsWell } from '../health/targets.ts';
import type { AlarmFacts } from '../model/snapshot.ts';
import type { LadderStep, Playbook } from './playbook.ts';

const seesAll = ({ sees = [] }: HealthCheck, metrics: readonly string[]): boolean =>
  sees === 'any' || (metrics.length > 0 && metrics.every((metric) => sees.includes(metric)));

/** The steps with other checks in every way in which they may end. */
const withWays = (ladder: readonly LadderStep[], change: (checks: readonly HealthCheck[]) => readonly HealthCheck[]): LadderStep[] =>
  ladder.map((step) => {
    if (step.kind === 'act') return step.healthy ? { ...step, healthy: change(step.healthy) } : step;
    return step.kind === 'watch' && step.or ? { ...step, or: change(step.or) } : step;
  });

/** Whatever heals the resource, its job is over the failure when it says so. */
const byBeat = <P extends Pick<Playbook, 'healthy' | 'ladder'>>(playbook: P): P => ({
  ...playbook,
  failing: [beatArrived],
  healthy: [...playbook.healthy.filter((check) => check !== beatArrived), beatArrived],
  ladder: withWays(playbook.ladder, (checks) => [...checks, beatArrived]),
});

/** What proves that one member, target or replica is well, of which an alarm may have no data any more. */
const ofOnePart: readonly HealthCheck[] = [memberIsReplaced, treatedTargetIsWell, replicaStandsAlone];
const isShownByAlarm = (checks: readonly HealthCheck[]): boolean =>
  checks.some((check) => check === alarmSaysOk || ofOnePart.includes(check));

/**
 * The playbook with the evidence that reported the failure. Where its own checks can't see what the alarm measures, such as a process on an
 * instance whose status checks pass, the failure is there as long as the alarm is, and over when the alarm is OK. A missed beat is there until
 * a beat comes.
 */
export const byEvidence = <P extends Pick<Playbook, 'failing' | 'healthy' | 'ladder'>>(
  playbook: P,
  alarm: AlarmFacts | null,
  beat: string | null = null,
): P => {
  const { failing, healthy } = playbook;
  if (beat !== null) return byBeat(playbook);
  if (failing.length === 0) return playbook;
  const metrics = alarm?.metrics;
  const own = failing.filter(({ sees }) => sees !== 'any');
  // Without the metrics of an alarm its own checks decide, if it asks no alarm.
  const bySelf = metrics === undefined ? own.length === failing.length : own.some((check) => seesAll(check, metrics));
  const shown = bySelf || own.length < failing.length;
  // An alarm that is deleted meanwhile proves nothing where nothing else has shown the failure.
  const proven = bySelf ? metrics === undefined || healthy.some((check) => seesAll(check, metrics)) : healthy.includes(alarmSaysOk);
  const ladder = bySelf
    ? playbook.ladder
    : withWays(playbook.ladder, (checks) => (isShownByAlarm(checks) ? checks : [...checks, alarmSaysOk]));
  if (shown && proven && isDeepStrictEqual(ladder, playbook.ladder)) return playbook;
  return {
    ...playbook,
    failing: shown ? failing : [alarmFires],
    healthy: [...healthy.filter((check) => check !== alarmIsOk && check !== alarmSaysOk), alarmSaysOk],
    ladder,
  };
};
