import type { Incident } from '../model/incident.ts';
import type { AlarmFacts } from '../model/snapshot.ts';
import { abstain, type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/**
 * Why an alarm is no reason to act: its actions are disabled, which is how people silence one, although EventBridge still receives its
 * changes. Under a composite alarm only the composite's setting counts: its children are mere evidence. Null if it isn't silenced.
 */
export const silenced = (alarm: AlarmFacts | null, { children }: Pick<Incident, 'children'>): string | null =>
  alarm && !alarm.actionsEnabled && (alarm.composite || children.length === 0) ? `the actions of alarm ${alarm.name} are disabled` : null;

/** The alarm that reported the failure is OK again. Abstains without an alarm; unknown without data. */
export const alarmIsOk: HealthCheck = {
  id: 'alarm-is-ok',
  sees: 'any',
  check: ({ facts: { alarm }, incident }) => {
    if (!incident.alarm) return healthy('the incident has no alarm');
    // Deleted during the incident: the resource's own health decides.
    if (!alarm) return abstain(`CloudWatch lists no alarm ${incident.alarm.name}`);
    if (alarm.state === 'OK') return healthy(`alarm ${alarm.name} is OK`);
    if (alarm.state === 'ALARM') return unhealthy(`alarm ${alarm.name} is in ALARM`);
    return unknown(`alarm ${alarm.name} is ${alarm.state}`);
  },
};

/** For failures that only an alarm detects: without the alarm, recovery can't be confirmed. */
export const alarmSaysOk: HealthCheck = {
  id: 'alarm-says-ok',
  sees: 'any',
  check: (input) => {
    const { facts, incident } = input;
    if (incident.alarm && !facts.alarm)
      return unknown(`CloudWatch lists no alarm ${incident.alarm.name}, and nothing else reports the failure`);
    return alarmIsOk.check(input);
  },
};

/**
 * For failures that only an alarm detects: the ALARM state must come from an evaluation. One set by hand is a test and no reason to act,
 * nor is one that people have silenced.
 */
export const alarmFires: HealthCheck = {
  id: 'alarm-fires',
  sees: 'any',
  check: (input) => {
    const health = alarmSaysOk.check(input);
    const { alarm } = input.facts;
    if (health.state !== 'unhealthy' || !alarm) return health;
    const silence = silenced(alarm, input.incident);
    if (silence !== null) return unknown(silence);
    return alarm.evaluated ? health : unknown(`alarm ${alarm.name} was set by hand`);
  },
};
