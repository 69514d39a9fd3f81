import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { attempt } from '../../../shared/aws/call.ts';
import { channelsSchema } from '../../../shared/model/channels.ts';
import { webhook } from '../../../shared/notifications/channels/webhook.ts';
import { createReporter } from '../../../shared/notifications/reporter.ts';
import type { Timer } from '../../../shared/ports/deadline.ts';
import { noon, outcome } from '../../remediation/examples.ts';
import { deploymentOf, longStory, page } from './open.ts';
import { createReceiver } from './receiver.ts';

const signingKey = 'a text of more than thirty-two characters';
const { ssm } = deploymentOf().deployment;
const receiver = createReceiver();
const { got } = receiver;
let status = 204;
/** Set, it gives the client up once it has sent everything. */
let silent: AbortController | null = null;
receiver.answer = () => {
  silent?.abort();
  return silent ? null : { status, body: 'what was sent: the key' };
};
beforeEach(() => {
  status = 204;
  silent = null;
});

/** The channel as it is deployed, where this test's server counts as public, behind its name. */
const outsideOf = (change: { names?: string[]; addresses?: string[]; timer?: Timer; secret?: string; when?: object } = {}) => {
  const { names = ['ops'], addresses = ['127.0.0.1'], timer, secret = signingKey } = change;
  const webhooks = names.map((name) => ({
    name,
    url: `https://shop.example.com:${receiver.port}/hooks/${name}?to=1`,
    secret: `${name}-secret`,
    ...(change.when ? { when: change.when } : {}),
  }));
  const asked: string[] = [];
  const post = receiver.post({ addresses, timer });
  const readSecret = async (name: string) => {
    asked.push(name);
    return secret;
  };
  return { asked, outside: { channels: channelsSchema.parse({ webhooks }), post, secret: readSecret, ssm, now: () => noon } };
};
const open = (change: Parameters<typeof outsideOf>[0] = {}) => {
  const { outside, asked } = outsideOf(change);
  const { deployment, calls, lines } = deploymentOf();
  const [first, ...others] = [webhook.reports.open({ ...deployment, outside }) ?? []].flat();
  if (!first) throw new Error('there is no such channel');
  return { first, others, asked, calls, lines, reporter: createReporter({ ...deployment, outside }) };
};
const failure = async (run: () => Promise<void>) => {
  const tried = await attempt(run);
  return tried.ok ? null : tried.error;
};

describe('a webhook', () => {
  test('is none where the policy names none', () => {
    const { deployment } = deploymentOf();
    expect([webhook.reports.open(deployment) ?? []].flat()).toEqual([]);
    const ids = createReporter({ ...deployment, outside: outsideOf({ names: [] }).outside }).channels.map(({ id }) => id);
    expect(ids).toEqual(['metrics', 'people', 'bus']);
  });

  test('gets the JSON of the topic, signed with the time', async () => {
    const { first, asked, calls } = open();
    await first.outcome(outcome());
    expect(got).toHaveLength(1);
    const [{ url, method, headers, body } = { url: '', method: '', headers: {}, body: '' }] = got;
    expect({ url, method }).toEqual({ url: '/hooks/ops?to=1', method: 'POST' });
    expect(JSON.parse(body)).toEqual({ version: '1', ...outcome(), links: [{ to: 'resource', url: page }] });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'selfheal',
      host: `shop.example.com:${receiver.port}`,
    });
    // As a receiver would check it.
    const [, time, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-selfheal-signature'])) ?? [];
    expect(Number(time) * 1000).toBe(noon);
    expect(mac).toBe(createHmac('sha256', signingKey).update(`${time}.${body}`).digest('hex'));
    expect({ asked, calls }).toEqual({ asked: ['ops-secret'], calls: [] });
  });

  test.each([
    [{ unit: 'shop' }, 2],
    [{ unit: 'bank' }, 0],
    [{ account: '123456789012', region: 'eu-west-1' }, 0],
    [{ region: 'us-east-1' }, 2],
  ])('that is for %j hears of nothing else', async (when, times) => {
    const { deployment } = deploymentOf();
    const organization = { units: { shop: ['123456789012'], bank: ['210987654321'] } };
    const [channel] = [webhook.reports.open({ ...deployment, organization, outside: outsideOf({ when }).outside }) ?? []].flat();
    const { timeline: _, ...rest } = outcome();
    await channel?.outcome(outcome());
    await channel?.interim?.({ ...rest, at: '2026-11-20T12:04:00.000Z', headline: 'it', reason: 'it began', kind: 'opened' });
    expect(got).toHaveLength(times);
  });

  test('is told that it may have got it before', async () => {
    await open().first.outcome(outcome(), true);
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ repeat: true });
  });

  test('gets what comes before the end', async () => {
    const { timeline: _, ...rest } = outcome();
    await open().first.interim?.({ ...rest, at: '2026-11-20T12:04:00.000Z', headline: 'it', reason: 'it began', kind: 'opened' });
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ version: '1', kind: 'incident.opened', incident: outcome().incident });
  });

  test('gets the longest story shortened', async () => {
    await open().first.outcome(longStory);
    expect(Buffer.byteLength(got[0]?.body ?? '')).toBeLessThan(128 * 1024);
  });

  test('is a channel of its own for each name, told apart from the others', async () => {
    const { reporter } = open({ names: ['ops', 'audit'] });
    expect(reporter.channels.map(({ id }) => id)).toEqual(['metrics', 'people', 'bus', 'webhook/ops', 'webhook/audit']);
    for (const { id, outcome: tell } of reporter.channels) if (id.startsWith('webhook/')) await tell(outcome());
    expect(got.map(({ url }) => url)).toEqual(['/hooks/ops?to=1', '/hooks/audit?to=1']);
  });

  test.each([
    [400, 'refused'],
    [401, 'refused'],
    [410, 'refused'],
    [429, 'throttled'],
    [500, 'uncertain'],
    [503, 'uncertain'],
  ])('that answers %d is %s, and its answer is repeated nowhere', async (answer, kind) => {
    status = answer;
    const error = await failure(() => open().first.outcome(outcome()));
    expect(error).toEqual({ kind, code: 'NotAccepted', message: `webhook ops answered ${answer}` });
  });

  test.each([301, 302, 307, 308])('is not followed elsewhere by a %d', async (answer) => {
    status = answer;
    expect(await failure(() => open().first.outcome(outcome()))).toMatchObject({
      kind: 'refused',
      message: `webhook ops answered ${answer}`,
    });
    expect(got).toHaveLength(1);
  });

  test.each([['10.0.0.7'], ['169.254.169.254'], ['18.64.0.10', '127.0.0.1'], ['::1'], ['fd00:ec2::254'], ['::ffff:127.0.0.1']])(
    'is sent nothing where its name leads to %s',
    async (...addresses) => {
      const error = await failure(() => open({ addresses }).first.outcome(outcome()));
      expect(error).toMatchObject({ kind: 'refused', code: 'AddressRefused', message: expect.stringContaining('not a public address') });
      expect(got).toEqual([]);
    },
  );

  test('that does not answer is given up, and nobody knows whether it has got it', async () => {
    const giveUp = new AbortController();
    silent = giveUp;
    const asked: number[] = [];
    const timer: Timer = (milliseconds) => {
      asked.push(milliseconds);
      return giveUp.signal;
    };
    expect(await failure(() => open({ timer }).first.outcome(outcome()))).toMatchObject({ kind: 'uncertain' });
    expect(asked).toEqual([5000]);
  });

  test('gets nothing that is signed with too short a secret, which no message shows', async () => {
    const error = await failure(() => open({ secret: 'short' }).first.outcome(outcome()));
    expect(error).toEqual({ kind: 'refused', code: 'SecretUnusable', message: 'secret ops-secret must have at least 32 characters' });
    expect(got).toEqual([]);
  });

  test('that fails does not keep people from being told before the end', async () => {
    status = 500;
    const { reporter, calls } = open();
    const { timeline: _, ...rest } = outcome();
    await reporter.interim({ ...rest, at: '2026-11-20T12:04:00.000Z', headline: 'it', reason: 'it began' });
    expect(calls.map(({ permission }) => permission)).toContain('sns:Publish');
    expect(got).toHaveLength(1);
  });
});

describe('the policy', () => {
  const hook = { name: 'ops', url: 'https://shop.example.com/hook', secret: 'ops-secret' };
  test.each<[string, object]>([
    ['http', { ...hook, url: 'http://shop.example.com/' }],
    ['a user in the URL', { ...hook, url: 'https://me:word@shop.example.com/' }],
    ['a wildcard for a secret', { ...hook, secret: '*' }],
    ['no secret', { name: hook.name, url: hook.url }],
    ['a setting that there is not', { ...hook, headers: {} }],
  ])('takes no webhook with %s', (_, one) => {
    expect(channelsSchema.safeParse({ webhooks: [one] }).success).toBe(false);
  });

  test('takes no two of the same name', () => {
    expect(channelsSchema.safeParse({ webhooks: [hook, { ...hook, url: 'https://shop.example.com/other' }] }).success).toBe(false);
    expect(channelsSchema.safeParse({ webhooks: [hook, { ...hook, name: 'audit' }] }).success).toBe(true);
  });
});
