import * as z from 'zod';
import { type Severity, severities } from './classification.ts';
import { type FailureId, failureIds } from './failure-id.ts';
import { oneOf, settings } from './settings.ts';

/** On a resource or its group: where its own runbook is. */
export const runbookTag = 'selfheal:runbook';

/** In characters: a link that is longer is cut by mail programs and phones. */
const longest = 500;
/** What means something to the markup of a chat, and nothing to an address that it is escaped in. */
const marks = /[!'()*~_|@;,]/g;
const hostForm = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The address as every channel can carry it: https, a plain host, nothing but printable ASCII. Null for any other text. */
export const runbookUrl = (text: string): string | null => {
  if (text.length > longest || !/^https:\/\/[!-~]+$/i.test(text) || /["'<>\\^`{|}]/.test(text) || !URL.canParse(text)) return null;
  const { protocol, username, password, port, hostname, pathname, search, hash } = new URL(text);
  if (protocol !== 'https:' || username !== '' || password !== '' || port !== '' || !hostForm.test(hostname)) return null;
  const rest = `${pathname}${search}${hash}`.replace(marks, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const url = `https://${hostname}${rest}`;
  return url.length > longest ? null : url;
};

const url = z.string().refine((text) => runbookUrl(text) !== null, {
  error: `must be an https address of at most ${longest} characters, such as https://wiki.example.com/runbook`,
});

const rule = settings({
  when: settings({
    failure: oneOf(failureIds).optional(),
    severity: oneOf(severities).optional(),
    account: z
      .string()
      .regex(/^\d{12}$/, 'must be 12 digits')
      .optional(),
    region: z.string().min(1).max(32).optional(),
  }).refine((given) => Object.values(given).some((part) => part !== undefined), {
    error: 'must name a failure, severity, account or region',
  }),
  url,
});

const byFailure = Object.fromEntries(failureIds.map((id) => [id, url.optional()])) as Record<FailureId, z.ZodOptional<typeof url>>;

/** The policy's `runbooks`: one for a failure class, or for whatever matches a rule, and whose addresses a tag may name. */
export const runbooksSchema = settings({
  hosts: z
    .array(z.string().regex(hostForm, 'must be the name of a host such as wiki.example.com, in small letters'))
    .max(50)
    .default([])
    .describe(`Hosts that a tag ${runbookTag} may link to`),
  rules: z.array(rule).max(100).default([]).describe('The first that matches counts, before those by failure class'),
  ...byFailure,
});
type Runbooks = z.infer<typeof runbooksSchema>;

/** What a tag names, if its host is one of those that the policy trusts: tags are written by whoever may write them. */
export const runbookOfTag = (text: string | undefined, { hosts }: Pick<Runbooks, 'hosts'>): string | null => {
  const found = text === undefined ? null : runbookUrl(text);
  return found !== null && hosts.includes(new URL(found).hostname) ? found : null;
};

type About = { failure: FailureId; severity: Severity; account: string; region: string };

/** What the policy names. */
export const runbookOf = (about: About, runbooks: Runbooks): string | null => {
  const matching = runbooks.rules.find(({ when }) =>
    Object.entries(when).every(([key, wanted]) => wanted === undefined || wanted === about[key as keyof About]),
  );
  const chosen = matching?.url ?? runbooks[about.failure];
  return chosen === undefined ? null : runbookUrl(chosen);
};
