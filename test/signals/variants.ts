import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

const variantSchema = z.strictObject({
  why: z.string(),
  change: z.record(z.string(), z.unknown()).default({}),
  remove: z.array(z.string()).default([]),
  is: z.array(z.string()),
});
const table = z.record(z.string(), z.array(variantSchema)).parse(parse(readFileSync(new URL('variants.yml', import.meta.url), 'utf8')));

type Fields = Record<string, unknown>;

const sample = (name: string): Fields => JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8'));

/** A copy with one value put in or, where it is undefined, taken out. */
const withValue = (whole: unknown, [key = '', ...rest]: string[], value: unknown): unknown => {
  if (key === 'JSON') return JSON.stringify(withValue(JSON.parse(whole as string), rest, value));
  const copy: Fields = Array.isArray(whole) ? ([...whole] as unknown as Fields) : { ...(whole as Fields) };
  copy[key] = rest.length === 0 ? value : withValue(copy[key], rest, value);
  if (copy[key] === undefined) delete copy[key];
  return copy;
};

/** Where a single notification of SNS keeps the event itself. */
const message = ['Records', '0', 'Sns', 'Message', 'JSON'];

const changed = (event: Fields, { change, remove }: z.infer<typeof variantSchema>): unknown => {
  const records = event.Records as Fields[] | undefined;
  const inner = records?.length === 1 && 'Sns' in (records[0] as Fields) ? message : [];
  const changes = [...Object.entries(change), ...remove.map((path) => [path, undefined] as const)];
  return changes.reduce<unknown>((whole, [path, value]) => withValue(whole, [...inner, ...path.split('/')], value), event);
};

/** Every event of `variants.yml`, by the sample that it differs from. */
export const variants = Object.entries(table).map(([name, differing]) => {
  const event = sample(name);
  return { name, event, variants: differing.map((variant) => ({ ...variant, event: changed(event, variant) })) };
});
