import * as z from 'zod';
import { nearest } from './nearest.ts';

/** Those that the runtime has been asked for: it takes long to answer. */
const known = new Set<string>();

const isTimeZone = (name: string): boolean => {
  // The runtime also accepts an offset such as +02:00, which has no daylight saving time.
  if (known.has(name) || !/^[A-Za-z]/.test(name)) return known.has(name);
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    known.add(name);
    return true;
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
