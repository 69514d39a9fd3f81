import * as z from 'zod';
import { hourMs } from './duration.ts';
import { oneOf, settings } from './settings.ts';
import { timeZone } from './time-zone.ts';

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** An hour of the week. */
export const weeklySchema = settings({
  on: oneOf(weekdays).describe('The day of the week'),
  hour: z.int().min(0).max(23).default(8).describe('The hour in which it comes'),
  timeZone: timeZone.default('UTC').describe('The IANA time zone of day and hour, including daylight saving time'),
});
export type Weekly = z.infer<typeof weeklySchema>;

/** For so many hours it is made up for, where it could not be done in its hour. */
const graceHours = 6;

/** Whether the hour has begun on its day, or did in the last few hours: an hour that a clock change leaves out counts as the next one. */
export const isDue = ({ on, hour, timeZone }: Weekly, now: number): boolean => {
  const clock = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'long', hour: 'numeric', hourCycle: 'h23' });
  return Array.from({ length: graceHours + 1 }, (_, hours) => clock.formatToParts(now - hours * hourMs)).some((parts) => {
    const part = (type: string) => parts.find((one) => one.type === type)?.value;
    return part('weekday')?.toLowerCase() === on && Number(part('hour')) >= hour;
  });
};
