import * as z from 'zod';
import { type Severity, severities } from './classification.ts';
import { type FailureId, failureIds } from './failure-id.ts';
import { oneOf, settings } from './settings.ts';

/** The tag of a resource or its group with the address of its runbook. */
export const runbookTag = 'selfheal:runbook';

/** In characters. Mail programs and phones cut longer links. */
const maxUrlLength = 500;
/** Characters with a meaning in chat markup that may be percent-encoded in an address. */
const markupCharacters = /[!'()*~_|@;,]/g;
const hostForm = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The address in a form that every channel accepts: https, a plain host, printable ASCII only. Null for any other text. */
export const runbookUrl = (text: string): string | null => {
  if (text.length > maxUrlLength || !/^https:\/\/[!-~]+$/i.test(text) || /["'<>\\^`{|}]/.test(text) || !URL.canParse(text)) return null;
  const { protocol, username, password, port, hostname, pathname, search, hash } = new URL(text);
  if (protocol !== 'https:' || username !== '' || password !== '' || port !== '' || !hostForm.test(hostname)) return null;
  const rest = `${pathname}${search}${hash}`.replace(markupCharacters, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const url = `https://${hostname}${rest}`;
  return url.length > maxUrlLength ? null : url;
};

/** An address that can be linked to. */
export const runbookAddress = z.string().refine((text) => runbookUrl(text) !== null, {
  error: `must be an https address of at most ${maxUrlLength} characters, such as https://wiki.example.com/runbook`,
});

const rule = settings({
  when: settings({
    failure: oneOf(failureIds).optional().describe('The failure class'),
    severity: oneOf(severities).optional().describe('How severe the failure is'),
    account: z
      .string()
      .regex(/^\d{12}$/, 'must be 12 digits')
      .optional()
      .describe('The AWS account'),
    region: z.string().min(1).max(32).optional().describe('The AWS region'),
  })
    .refine((given) => Object.values(given).some((part) => part !== undefined), {
      error: 'must name a failure, severity, account or region',
    })
    .describe('All given conditions must hold'),
  url: runbookAddress.describe('The address'),
});

const runbookOfClass = runbookAddress.optional().describe('The runbook of this failure class');
const byFailure = Object.fromEntries(failureIds.map((id) => [id, runbookOfClass])) as Record<
  FailureId,
  z.ZodOptional<typeof runbookAddress>
>;

/** The policy's `runbooks`: an address for a failure class or for whatever a rule matches, and the hosts that tags may link to. */
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

/** The address in a tag, if the policy trusts its host: many people may write tags. */
export const runbookOfTag = (text: string | undefined, { hosts }: Pick<Runbooks, 'hosts'>): string | null => {
  const found = text === undefined ? null : runbookUrl(text);
  return found !== null && hosts.includes(new URL(found).hostname) ? found : null;
};

type About = { failure: FailureId; severity: Severity; account: string; region: string };

/** The address that the policy gives for a failure. */
export const runbookOf = (about: About, runbooks: Runbooks): string | null => {
  const matching = runbooks.rules.find(({ when }) =>
    Object.entries(when).every(([key, wanted]) => wanted === undefined || wanted === about[key as keyof About]),
  );
  const chosen = matching?.url ?? runbooks[about.failure];
  return chosen === undefined ? null : runbookUrl(chosen);
};
