import * as z from 'zod';
import { limit } from './duration.ts';
import { failureIds } from './failure-id.ts';
import { oneOf, settings } from './settings.ts';

/** A tag of a resource with the URL that must answer before it counts as healed. */
export const healthUrlTag = 'selfheal:health-url';

/** The host of a URL that may be requested; null for any other text. */
export const healthHostOf = (text: string): string | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? url.hostname : null;
};

/** The address of something that may be requested. */
export const httpsUrl = z
  .string()
  .max(1000)
  .refine((text) => healthHostOf(text) !== null, { error: 'must be a URL that begins with https://, without a user and a password' });

const answer = {
  expect: settings({
    status: z.int().min(100).max(599).default(200).describe('The HTTP status'),
    body: z.string().min(1).max(1000).optional().describe('A text that stands in the first 64 KB of the body'),
  })
    .prefault({})
    .describe('What is a good answer'),
  within: limit('1s', '1h').default('60s').describe('How long it may take until it answers well'),
  times: z.int().min(1).max(10).default(1).describe('How many good answers in a row, ten seconds apart'),
};

const check = settings({
  when: settings({
    failure: oneOf(failureIds).optional().describe('The failure class'),
    tag: settings({
      key: z.string().min(1).max(128).describe('The key of the tag'),
      value: z.string().max(256).optional().describe('Its value; any if left out'),
    })
      .optional()
      .describe('A tag of the resource or of its group'),
  })
    .refine((given) => Object.values(given).some((part) => part !== undefined), { error: 'must name a failure or a tag' })
    .describe('All given conditions must hold'),
  url: httpsUrl.describe('What is requested, by GET'),
  ...answer,
});

const list = z.array(check).max(50);

const host = z.string().regex(/^(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/, 'must be the name of a host, in lower case');

/** The part of the policy about URLs that must answer. */
export const checksSchema = z
  .union([
    list,
    settings({
      urls: list.default([]).describe('URLs, and for what they must answer'),
      hosts: z.array(host).max(50).default([]).describe(`Hosts that the tag ${healthUrlTag} may name`),
      ...answer,
    }),
  ])
  .optional()
  .describe('URLs that must answer before something counts as healed: a list, or an object with urls and hosts');

type Checks = z.infer<typeof checksSchema>;

/** A URL that must answer, and how. */
export type UrlCheck = Pick<z.infer<typeof check>, 'url' | 'expect' | 'within' | 'times'>;

/** The checks as an object. */
export const checksIn = (given: Checks): Exclude<Checks, readonly unknown[] | undefined> =>
  given === undefined || Array.isArray(given) ? { urls: given ?? [], hosts: [], expect: { status: 200 }, within: '60s', times: 1 } : given;
