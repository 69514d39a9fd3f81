import * as z from 'zod';

/** Durations are plain seconds; these say so where they are written down. */
export const seconds = (n: number): number => n;
export const minutes = (n: number): number => n * 60;
export const hours = (n: number): number => n * 3600;

/** `09:41 UTC`, of milliseconds since the epoch, for people. */
export const clockTime = (at: number): string => `${new Date(at).toISOString().slice(11, 16)} UTC`;

/** `4 min 05 s`, for people. */
export const formatDuration = (total: number): string => {
  const whole = Math.round(total);
  if (whole < 60) return `${whole} s`;
  const rest = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${rest(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${rest(Math.floor((whole % 3600) / 60))} min`;
};

const form = /^\+?(?=\d)(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/;

/** `90s`, `5m`, `1h30m` or `2d`, with or without a plus before it, in seconds; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const match = form.exec(text);
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
};

const notOne = 'must be a duration such as 90s, 5m or 1h30m';

/** A duration as people write it; seconds once it is read. */
export const duration = z.string({ error: notOne }).transform((text, context): number => {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  context.addIssue({ code: 'custom', message: notOne });
  return z.NEVER;
});

/** The seconds of a duration that has been checked. Throws an Error for anything else. */
export const secondsOf = (text: string): number => {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new Error(`${JSON.stringify(text.slice(0, 64))} ${notOne}`);
  return seconds;
};

/**
 * A limit in the policy, neither shorter nor longer than these two, which are written like it. It stays as it was written, so that a
 * policy that has been read can be read again.
 */
export const limit = (least: string, most: string) =>
  z.string({ error: notOne }).refine(
    (text) => {
      const seconds = parseDuration(text);
      return seconds !== undefined && !text.startsWith('+') && seconds >= secondsOf(least) && seconds <= secondsOf(most);
    },
    { error: `must be a duration from ${least} to ${most}, such as 90s, 5m or 1h30m` },
  );
