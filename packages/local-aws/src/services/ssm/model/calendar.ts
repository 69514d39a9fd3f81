import type { Calendar } from '../../../core/service-interfaces.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';

const unfold = (text: string): string[] => text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);

/** `DTSTART:20261120T130000Z`, or with a date alone; only UTC is read. */
const readTime = (line: string): number => {
  const match = /:(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?$/.exec(line);
  const zone = /TZID=([^:;]+)/.exec(line)?.[1];
  if (!match || (zone !== undefined && zone !== 'UTC' && zone !== 'Etc/UTC'))
    throw new AwsError('InvalidDocumentContent', `The calendar holds a time that can't be read here: ${line.slice(0, 100)}`);
  const [, year, month, day, hour = 0, minute = 0, second = 0] = match.map(Number) as [
    number,
    number,
    number,
    number,
    number?,
    number?,
    number?,
  ];
  return Date.UTC(year, month - 1, day, hour || 0, minute || 0, second || 0);
};

/**
 * Reads the iCalendar text of a change calendar, whose `X-CALENDAR-TYPE` says what it is by default. Events that repeat and zones
 * other than UTC are refused. https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-change-calendar.html
 */
export const parseCalendar = (text: string): Calendar => {
  const lines = unfold(text);
  if (!lines.includes('BEGIN:VCALENDAR'))
    throw new AwsError('InvalidDocumentContent', 'The content of a change calendar must be iCalendar text.');
  if (lines.some((line) => line.startsWith('RRULE')))
    throw new AwsError('InvalidDocumentContent', 'Events that repeat are not served by the local AWS.');
  const type = lines.find((line) => line.startsWith('X-CALENDAR-TYPE:'))?.slice('X-CALENDAR-TYPE:'.length) ?? 'DEFAULT_OPEN';
  const times = (name: string) => lines.filter((line) => new RegExp(`^${name}[;:]`).test(line)).map(readTime);
  const starts = times('DTSTART');
  const ends = times('DTEND');
  if (starts.length !== ends.length)
    throw new AwsError('InvalidDocumentContent', 'Every event of a change calendar needs a start and an end.');
  return { openByDefault: type === 'DEFAULT_OPEN', events: starts.map((start, i) => ({ start, end: ends[i] as number })) };
};

const openAt = ({ openByDefault, events }: Calendar, at: number): boolean =>
  openByDefault !== events.some(({ start, end }) => start <= at && at < end);

/** Whether all calendars are open at a time, and when that changes next. */
export const calendarState = (calendars: readonly Calendar[], at: number): { open: boolean; next: number | undefined } => {
  const openAll = (time: number) => calendars.every((calendar) => openAt(calendar, time));
  const open = openAll(at);
  const changes = calendars.flatMap(({ events }) => events.flatMap(({ start, end }) => [start, end])).sort((a, b) => a - b);
  return { open, next: changes.find((time) => time > at && openAll(time) !== open) };
};
