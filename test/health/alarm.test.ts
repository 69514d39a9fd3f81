import { describe, expect, test } from '@jest/globals';
import type { AlarmFacts } from '../../shared/aws/facts.ts';
import { alarmFires, alarmIsOk } from '../../shared/health/alarm.ts';
import { alarm, facts, incident } from '../incident/examples.ts';

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
    expect(alarmIsOk.check(input(null, incident({ alarm: null })))).toEqual({ state: 'healthy', because: 'no alarm to ask' });
  });
});

describe('alarm-fires', () => {
  test.each([
    ['unhealthy', 'evaluated to ALARM', alarm()],
    ['unknown', 'set to ALARM by hand', alarm({ evaluated: false })],
    ['healthy', 'OK', alarm({ state: 'OK' })],
    ['healthy', 'set to OK by hand', alarm({ state: 'OK', evaluated: false })],
    ['unknown', 'without data', alarm({ state: 'INSUFFICIENT_DATA' })],
    ['unknown', 'gone', null],
  ])('is %s while the alarm is %s', (state, _, seen) => {
    expect(alarmFires.check(input(seen))).toMatchObject({ state });
  });
});
