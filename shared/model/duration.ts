import * as z from 'zod';

/** Durations are plain numbers of seconds; these functions name the unit they are written in. */
export const seconds = (n: number): number => n;
export const minutes = (n: number): number => n * 60;
export const hours = (n: number): number => n * 3600;

/** Points in time are milliseconds since the epoch; these are for what lies between two. */
export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** The time of day of milliseconds since the epoch, such as `09:41 UTC`. */
export const clockTime = (at: number): string => `${new Date(at).toISOString().slice(11, 16)} UTC`;

/** Formats seconds for people, such as `4 min 05 s`. */
export const formatDuration = (totalSeconds: number): string => {
  const whole = Math.round(totalSeconds);
  if (whole < 60) return `${whole} s`;
  const rest = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${rest(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${rest(Math.floor((whole % 3600) / 60))} min`;
};

const form = /^\+?(?=\d)(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/;

/** Parses `90s`, `5m`, `1h30m` or `2d`, with or without a leading plus, into seconds; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const match = form.exec(text);
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
};

const notOne = 'must be a duration such as 90s, 5m or 1h30m';

/** A schema that reads a duration as people write it and returns seconds. */
export const duration = z.string({ error: notOne }).transform((text, context): number => {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  context.addIssue({ code: 'custom', message: notOne });
  return z.NEVER;
});

/**
 * The seconds of a duration that has already been validated.
 * @throws {Error} if it is not a duration
 */
export const secondsOf = (text: string): number => {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new Error(`${JSON.stringify(text.slice(0, 64))} ${notOne}`);
  return seconds;
};

/** The seconds of a duration that may also be given as a number of them. */
export const inSeconds = (given: string | number): number => (typeof given === 'number' ? given : secondsOf(given));

/**
 * A duration in the policy between two bounds, all written alike. The parsed value keeps its written form, so a parsed policy can be parsed
 * again.
 */
export const limit = (least: string, most: string) =>
  z.string({ error: notOne }).refine(
    (text) => {
      const seconds = parseDuration(text);
      return seconds !== undefined && !text.startsWith('+') && seconds >= secondsOf(least) && seconds <= secondsOf(most);
    },
    { error: `must be a duration from ${least} to ${most}, such as 90s, 5m or 1h30m` },
  );

/** The same, or a whole number of seconds. */
export const limitOrSeconds = (least: string, most: string) =>
  z.union([limit(least, most), z.int().min(secondsOf(least)).max(secondsOf(most))]);
