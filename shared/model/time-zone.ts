import * as z from 'zod';
import { nearest } from './nearest.ts';

const isTimeZone = (name: string): boolean => {
  try {
    // The runtime also accepts an offset such as +02:00, which has no daylight saving time.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en-US', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
};

/** The name of a time zone. */
export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, {
    error: ({ input }) => {
      const meant = nearest(String(input), Intl.supportedValuesOf('timeZone'));
      return `must be a time zone such as Europe/Berlin${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    },
  });
