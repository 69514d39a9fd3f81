import { abstain, type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** The alarm that reported the failure is OK again. Abstains without an alarm; unknown without data. */
export const alarmIsOk: HealthCheck = {
  id: 'alarm-is-ok',
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
  check: (input) => {
    const { facts, incident } = input;
    if (incident.alarm && !facts.alarm)
      return unknown(`CloudWatch lists no alarm ${incident.alarm.name}, and nothing else reports the failure`);
    return alarmIsOk.check(input);
  },
};

/**
 * For failures that only an alarm detects: the ALARM state must come from an evaluation. One set by hand is a test and no reason to act.
 */
export const alarmFires: HealthCheck = {
  id: 'alarm-fires',
  check: (input) => {
    const health = alarmIsOk.check(input);
    const { alarm } = input.facts;
    return health.state === 'unhealthy' && alarm && !alarm.evaluated ? unknown(`alarm ${alarm.name} was set by hand`) : health;
  },
};
