import { createHmac } from 'node:crypto';
import { RefusedError } from '../../model/errors.ts';
import { ensureAccepted, secretFor } from '../accepted.ts';
import { publishedInterim } from '../interim.ts';
import { published } from '../published.ts';
import { type ChannelModule, hearsOf } from './channel.ts';
import { shortened } from './outcome.ts';

/** In characters. https://datatracker.ietf.org/doc/html/rfc2104#section-3: at least as long as what the hash puts out */
const minKey = 32;

/** Signs the time with the body, so that a message can't be sent again later by anybody else. */
export const signatureOf = (body: string, key: string, now: number): string => {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
};

/** Servers that get the JSON of the topics, signed. */
export const webhook: ChannelModule = {
  id: 'webhook',
  quiet: false,
  essential: false,
  reports: {
    permissions: [],
    open: ({ outside, ...deployment }) =>
      outside?.channels.webhooks.map(({ name, url, secret, when }) => {
        const send = async (message: object): Promise<void> => {
          const key = await secretFor(`webhook ${name}`, () => outside.secret(secret));
          if (key.length < minKey) throw new RefusedError('SecretUnusable', `secret ${secret} must have at least ${minKey} characters`);
          const body = JSON.stringify(message);
          const headers = { 'content-type': 'application/json', 'x-selfheal-signature': signatureOf(body, key, outside.now()) };
          // What it says isn't repeated: it may be what it was sent.
          ensureAccepted(`webhook ${name}`, await outside.post(new URL(url), { headers, body }));
        };
        return {
          name,
          outcome: async (outcome, repeat) => {
            if (hearsOf(when, outcome, deployment)) await send(published(shortened(outcome, deployment), repeat));
          },
          interim: async (interim) => {
            if (hearsOf(when, interim, deployment)) await send(publishedInterim(interim));
          },
        };
      }) ?? null,
  },
};
