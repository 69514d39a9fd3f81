import { GetCalendarStateCommand } from '@aws-sdk/client-ssm';
import { defineGuard, hold, holdForNow, pass } from './guard.ts';

/** IAM actions of its look-up. A test compares them with the packaged template. */
export const calendarPermissions = ['ssm:GetCalendarState'] as const;

/**
 * Changes nothing while a change calendar is closed.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCalendarState.html
 */
export const calendar = defineGuard({
  id: 'calendar',
  live: true,
  idle: ({ calendars }) => calendars.length === 0,
  check: async ({ clients: { ssm }, policy: { calendars, lease }, now }) => {
    const { State, NextTransitionTime } = await ssm.send(new GetCalendarStateCommand({ CalendarNames: calendars }));
    if (State === 'OPEN') return pass;
    const reason = `change calendar ${calendars.join(', ')} is ${State ?? 'in no known state'}${NextTransitionTime ? ` until ${NextTransitionTime}` : ''}`;
    const opens = Date.parse(NextTransitionTime ?? '');
    return opens <= now + lease.patience * 1000 ? holdForNow(reason) : hold(reason);
  },
});
