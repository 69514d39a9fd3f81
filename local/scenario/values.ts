import * as z from 'zod';

const form = /^\+?(?=\d)(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/;

/** `90s`, `5m`, `1h30m` or `2d`, with or without a plus before it, in seconds; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const match = form.exec(text);
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
};

/** A duration as people write it; seconds once it is read. */
export const duration = z.string().transform((text, context): number => {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  context.addIssue({ code: 'custom', message: 'must be a duration such as 90s, 5m or 1h30m' });
  return z.NEVER;
});

/** What people call something in a scenario. */
export const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a short name of lower-case letters, digits and hyphens');

/** `web`, an instance, or `shop[0]`, a member of a group: the one that has this place when it is first spoken of. */
export const instanceRef = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}(\[\d{1,3}\])?$/, 'must be an instance such as web, or a member such as shop[0]');

/** The group and the place of a member; null for an instance's own name. */
export const memberOf = (ref: string): { group: string; index: number } | null => {
  const match = /^(.+)\[(\d+)\]$/.exec(ref);
  return match ? { group: match[1] as string, index: Number(match[2]) } : null;
};

/** What an event's text may hold for what is only known in the world: `${now}`, `${account}`, `${region}`, `${zone-a}` or a name. */
export const placeholder = /\$\{([^${}]{1,60})\}/g;

/** Every text in a value, with the path to it. */
export function* textsIn(value: unknown, path: (string | number)[] = []): Generator<{ text: string; path: (string | number)[] }> {
  if (typeof value === 'string') yield { text: value, path };
  else if (Array.isArray(value)) for (const [i, one] of value.entries()) yield* textsIn(one, [...path, i]);
  else if (typeof value === 'object' && value !== null) for (const [key, one] of Object.entries(value)) yield* textsIn(one, [...path, key]);
}

/** A value with every placeholder in its texts filled in. */
export const fillIn = (value: unknown, known: (name: string) => string): unknown => {
  if (typeof value === 'string') return value.replaceAll(placeholder, (_, asked: string) => known(asked));
  if (Array.isArray(value)) return value.map((one) => fillIn(one, known));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillIn(one, known)]));
  return value;
};
