import { alarmFires, alarmIsOk, alarmSaysOk } from '../health/alarm.ts';
import type { HealthCheck } from '../health/health.ts';
import type { AlarmFacts } from '../model/snapshot.ts';
import type { Playbook } from './playbook.ts';

const seesAll = ({ sees = [] }: HealthCheck, metrics: readonly string[]): boolean =>
  sees === 'any' || (metrics.length > 0 && metrics.every((metric) => sees.includes(metric)));

/**
 * The playbook with the evidence that reported the failure. Where its own checks can't see what the alarm measures, such as a process on an
 * instance whose status checks pass, the failure is there as long as the alarm is, and over when the alarm is OK.
 */
export const byEvidence = <P extends Pick<Playbook, 'failing' | 'healthy'>>(playbook: P, alarm: AlarmFacts | null): P => {
  const { failing, healthy } = playbook;
  if (failing.length === 0 || alarm?.metrics === undefined) return playbook;
  const { metrics } = alarm;
  if (failing.some((check) => seesAll(check, metrics))) return playbook;
  return {
    ...playbook,
    failing: [alarmFires],
    healthy: [...healthy.filter((check) => check !== alarmIsOk && check !== alarmSaysOk), alarmSaysOk],
  };
};
