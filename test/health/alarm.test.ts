import { describe, expect, test } from '@jest/globals';
import { alarmFires, alarmIsOk, alarmSaysOk } from '../../shared/health/alarm.ts';
import type { AlarmFacts } from '../../shared/model/snapshot.ts';
import { alarm, facts, incident } from '../remediation/examples.ts';

const input = (seen: AlarmFacts | null, subject = incident()) => {
  const look = facts({ alarm: seen });
  return { facts: look, incident: subject, before: look };
};

describe('alarm-is-ok', () => {
  test.each([
    ['healthy', 'OK', alarm({ state: 'OK' })],
    ['unhealthy', 'in ALARM', alarm()],
    ['unhealthy', 'in ALARM by hand', alarm({ evaluated: false })],
    ['unknown', 'without data', alarm({ state: 'INSUFFICIENT_DATA' })],
    ['unknown', 'in a state that nobody knows', alarm({ state: 'unknown' })],
    ['unknown', 'gone', null],
  ])('is %s while the alarm is %s', (state, _, seen) => {
    expect(alarmIsOk.check(input(seen))).toMatchObject({ state });
  });

  test('is healthy where no alarm told of the failure', () => {
    expect(alarmIsOk.check(input(null, incident({ alarm: null })))).toEqual({ state: 'healthy', because: 'the incident has no alarm' });
  });
});

describe('alarm-fires', () => {
  test.each([
    ['unhealthy', 'evaluated to ALARM', alarm()],
    ['unknown', 'set to ALARM by hand', alarm({ evaluated: false })],
    ['unknown', 'in ALARM with its actions disabled', alarm({ actionsEnabled: false })],
    ['healthy', 'OK', alarm({ state: 'OK' })],
    ['healthy', 'set to OK by hand', alarm({ state: 'OK', evaluated: false })],
    ['unknown', 'without data', alarm({ state: 'INSUFFICIENT_DATA' })],
    ['unknown', 'gone', null],
  ])('is %s while the alarm is %s', (state, _, seen) => {
    expect(alarmFires.check(input(seen))).toMatchObject({ state });
  });
});

test('of a failure that only an alarm can see it is unknown whether it is over where the alarm is gone', () => {
  const gone = { facts: facts({ alarm: null }), incident: incident(), before: facts() };
  expect(alarmSaysOk.check(gone)).toEqual({
    state: 'unknown',
    because: 'CloudWatch lists no alarm web-status, and nothing else reports the failure',
  });
  expect(alarmSaysOk.check({ ...gone, incident: incident({ alarm: null }) }).state).toBe('healthy');
  for (const state of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const) {
    const seen = { ...gone, facts: facts({ alarm: alarm({ state }) }) };
    expect(alarmSaysOk.check(seen)).toEqual(alarmIsOk.check(seen));
  }
});
