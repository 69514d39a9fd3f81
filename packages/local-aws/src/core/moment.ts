import * as z from 'zod';

/** Later times would get longer than others on their way, in a world that runs for years. */
const end = Date.UTC(2100, 0);

/** A point in time as people write it, read as milliseconds since the epoch. */
export const momentSchema = z.iso
  .datetime({ offset: true, error: 'must be a time in ISO 8601 with its zone, such as 2026-11-20T12:00:00Z' })
  .transform((text) => Date.parse(text))
  .refine((time) => time >= 0 && time < end, 'must lie between 1970 and 2099');
