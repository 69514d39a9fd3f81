import * as z from 'zod';
import { duration } from '../../shared/model/duration.ts';

/** So many seconds, as people write them: what `parseDuration` reads. */
export const writeDuration = (seconds: number): string => {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [Math.floor(seconds) % 60, 's'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count}${unit}`] : [])).join('') || '0s';
};

/** How long a step lasts; to the end, where it is left out. */
export const lasts = { for: duration.optional() };

/** A step of a timeline. Its time counts from the moment at which the fleet stands and all is well. */
export const step = <Do extends string, Fields extends z.ZodRawShape>(what: Do, fields: Fields) =>
  z.strictObject({
    at: duration,
    do: z.literal(what),
    /** A description for people; the fleet's names may stand in it as `${web}`. */
    note: z.string().min(1).max(500).optional(),
    ...fields,
  });

/** What people call something in a scenario. */
export const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a short name of lower-case letters, digits and hyphens');

/** A zone by its letter. */
export const zone = z.enum(['a', 'b', 'c']);

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
