import * as z from 'zod';
import { placeShape } from './organization.ts';
import { oneOf, settings } from './settings.ts';
import { httpsUrl } from './url-check.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const secretName = z
  .string()
  .regex(/^[\w/+=.@-]{1,512}$/, 'must be the name of a secret in Secrets Manager, in the account and region of selfheal')
  .describe('The name of the secret in Secrets Manager, in the account and region of selfheal');

const when = settings(placeShape)
  .refine((given) => Object.values(given).some((part) => part !== undefined), { error: 'must name an account, unit or region' })
  .optional()
  .describe('Of which accounts and regions it hears; all given conditions must hold, and it hears of all if left out');

const webhook = settings({
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be of 1 to 32 small letters, digits and hyphens')
    .describe('What it is called in logs and in the ledger'),
  url: httpsUrl.describe('Where each message is posted: a public address, by https'),
  secret: secretName.describe('The name of the secret that signs its messages: a text of at least 32 characters'),
  when,
});

const pagerDuty = settings({
  secret: secretName.describe('The name of the secret with the integration key of a service, which has 32 characters'),
  region: oneOf(['us', 'eu']).default('us').describe('The service region of the account at PagerDuty'),
  when,
});

/** The channels that only a policy turns on. */
export const channelsSchema = settings({
  pagerduty: pagerDuty.optional().describe('Alerts of PagerDuty for what needs a person, which are resolved where it heals after all'),
  opsCenter: oneOf(['off', 'on'])
    .default('off')
    .describe('Whether what needs a person is an OpsItem in OpsCenter of Systems Manager, which is resolved where it heals after all'),
  webhooks: z
    .array(webhook)
    .max(5)
    .default([])
    .refine((hooks) => new Set(hooks.map(({ name }) => name)).size === hooks.length, { error: 'must have different names' })
    .describe('Servers that get each outcome that people get, and what comes before the end, as signed JSON'),
});

export type ChannelSettings = z.infer<typeof channelsSchema>;

/** The secrets that the channels need, each once. */
export const secretsOf = ({ pagerduty, webhooks }: ChannelSettings): string[] =>
  [...new Set([...(pagerduty ? [pagerduty] : []), ...webhooks].map(({ secret }) => secret))].sort();
