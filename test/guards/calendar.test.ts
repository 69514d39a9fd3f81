import { describe, expect, test } from '@jest/globals';
import { calendar, calendarPermissions } from '../../shared/guards/calendar.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { type Answer, sdkError } from '../aws/recorder.ts';
import { effective } from './examples.ts';
import { lookingUp } from './look-up.ts';

const names = ['releases', 'holidays'];
const asking = (answer: Answer, calendars = names) => lookingUp({ 'ssm:GetCalendarState': answer }, { policy: effective({ calendars }) });
const state = (State: string | undefined, NextTransitionTime?: string): Answer => ({ output: { State, NextTransitionTime } });

describe('calendar', () => {
  test('passes while all are open', async () => {
    const { input, calls } = asking(state('OPEN'));
    expect(await calendar.check(input)).toEqual({ answer: 'pass' });
    expect(calls).toEqual([{ permission: calendarPermissions[0], input: { CalendarNames: names } }]);
  });

  test('asks nobody where the policy names none', async () => {
    const { input, calls } = asking(state('CLOSED'), []);
    expect(await calendar.check(input)).toEqual({ answer: 'pass' });
    expect(calls).toEqual([]);
  });

  test.each([
    ['closed for long', state('CLOSED', '2026-11-23T06:00:00Z'), false],
    ['closed for ever', state('CLOSED'), false],
    ['closed until a time that cannot be read', state('CLOSED', 'Monday'), false],
    ['closed for some minutes', state('CLOSED', '2026-11-20T12:20:00Z'), true],
    ['closed for as long as it waits at most', state('CLOSED', '2026-11-20T12:30:00Z'), true],
    ['closed for a second longer', state('CLOSED', '2026-11-20T12:30:01Z'), false],
    ['in no known state', state(undefined), false],
  ])('holds while one is %s', async (_, answer, passing) => {
    const given = await calendar.check(asking(answer).input);
    expect({ passing: false, ...given }).toMatchObject({
      answer: 'hold',
      passing,
      reason: expect.stringContaining('releases, holidays is'),
    });
  });

  test.each([
    ['denied', sdkError('AccessDeniedException', 400), false],
    ['about a calendar that does not exist', sdkError('InvalidDocument', 400), false],
    ['throttled', sdkError('ThrottlingException', 400), true],
    ['timed out', sdkError('TimeoutError'), true],
  ])('is a hold where its look-up is %s', async (_, error, passing) => {
    expect(await evaluateGuards([calendar], asking(error).input)).toMatchObject({ answer: 'hold', passing });
  });
});
