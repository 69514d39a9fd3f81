import { beforeEach, describe, expect, test } from '@jest/globals';
import { createPager } from '../../../local/testbed/pager.ts';
import { attempt } from '../../../shared/aws/call.ts';
import { channelsSchema } from '../../../shared/model/channels.ts';
import { severities } from '../../../shared/model/classification.ts';
import { runbooksSchema } from '../../../shared/model/runbook.ts';
import { statuses } from '../../../shared/model/status.ts';
import { pagerDuty } from '../../../shared/notifications/channels/pagerduty.ts';
import type { Timer } from '../../../shared/ports/deadline.ts';
import type { Interim } from '../../../shared/ports/reporter.ts';
import { noon, outcome } from '../../remediation/examples.ts';
import { deploymentOf, longStory } from './open.ts';
import { createReceiver } from './receiver.ts';

const routingKey = 'R0123456789ABCDEF0123456789ABCDE';
const { ssm } = deploymentOf().deployment;
const receiver = createReceiver();
let pager = createPager();
beforeEach(() => {
  pager = createPager();
  receiver.answer = ({ body }) => pager.receive(body);
});

const { timeline: _, ...summary } = outcome({ status: 'escalated' });
const opened: Interim = {
  ...summary,
  at: '2026-11-20T12:04:00.000Z',
  headline: 'launch-failed needs you',
  reason: 'it began',
  kind: 'opened',
};
const loud = outcome({ status: 'escalated', verified: false, reason: 'no rung is left' });

const asked: string[] = [];
/** The channel as it is deployed, where this test's server is PagerDuty. */
type Change = { region?: string; key?: string | Error; timer?: Timer; when?: object };
const open = ({ region = 'us', key = routingKey, timer, when }: Change = {}) => {
  asked.length = 0;
  const at = (url: URL) => {
    asked.push(url.href);
    return new URL(`https://shop.example.com:${receiver.port}${url.pathname}`);
  };
  const channels = channelsSchema.parse({ pagerduty: { secret: 'pager', region, ...(when ? { when } : {}) } });
  const outside = {
    channels,
    post: receiver.post({ at, timer }),
    secret: async () => (key instanceof Error ? Promise.reject(key) : key),
    ssm,
    now: () => noon,
  };
  const runbooks = runbooksSchema.parse({ [summary.failure]: 'https://wiki.example.com/runbook' });
  const [channel] = [pagerDuty.reports.open({ ...deploymentOf().deployment, outside, runbooks }) ?? []].flat();
  if (!channel?.interim) throw new Error('there is no such channel');
  return { ...channel, interim: channel.interim };
};
const failure = async (run: () => Promise<void>) => {
  const tried = await attempt(run);
  return tried.ok ? null : tried.error;
};
describe('PagerDuty for one account', () => {
  test.each([
    [{ account: summary.account }, true],
    [{ account: '999999999999' }, false],
    [{ unit: 'unnamed' }, false],
  ])('that is %j hears of no other', async (when, hears) => {
    const { outcome: tell, interim } = open({ when });
    await interim(opened);
    await tell(loud);
    expect(pager.alerts.length > 0).toBe(hears);
  });
});
const alerts = () => pager.alerts.map(({ key, triggers, resolved }) => ({ key, triggers, resolved }));

describe('PagerDuty', () => {
  test('is none where the policy does not name it', () => {
    expect(pagerDuty.reports.open(deploymentOf().deployment)).toBeNull();
  });

  test('opens an alert for what needs a person, with what is needed to begin', async () => {
    await open().outcome(loud);
    expect(asked).toEqual(['https://events.pagerduty.com/v2/enqueue']);
    expect(receiver.got[0]).toMatchObject({ method: 'POST', url: '/v2/enqueue', headers: { 'content-type': 'application/json' } });
    const [alert] = pager.alerts;
    expect(alert?.event).toMatchObject({
      routing_key: routingKey,
      event_action: 'trigger',
      dedup_key: loud.incident,
      client: 'selfheal',
      links: [{ href: 'https://wiki.example.com/runbook', text: 'Runbook' }, { text: 'Resource' }],
      payload: {
        summary: expect.stringMatching(/needs you.*: no rung is left$/),
        source: loud.resource.id,
        severity: 'critical',
        timestamp: loud.endedAt,
        component: 'instance',
        class: loud.failure,
        custom_details: { status: 'escalated', what_now: expect.any(String), actions: [expect.stringContaining('reboot-instance')] },
      },
    });
  });

  test('in Europe is asked there', async () => {
    await open({ region: 'eu' }).outcome(loud);
    expect(asked).toEqual(['https://events.eu.pagerduty.com/v2/enqueue']);
  });

  test.each(severities.map((severity, i) => [severity, ['critical', 'error', 'warning', 'info'][i]] as const))(
    'takes %s for %s',
    async (severity, theirs) => {
      await open().outcome({ ...loud, severity });
      expect(pager.alerts[0]?.event.payload?.severity).toBe(theirs);
    },
  );

  test.each([
    ...statuses.map((status) => ({ status, alerts: ['escalated', 'held', 'failed'].includes(status) ? 1 : 0 })),
    ...statuses.map((status) => ({ status, quiet: true, alerts: 0 })),
  ])('has for an incident that was not opened and ends like %j', async ({ alerts, ...end }) => {
    await open().outcome(outcome(end));
    expect(pager.alerts).toHaveLength(alerts);
    expect(receiver.got).toHaveLength(alerts);
  });

  test.each(['healed', 'healed-itself'] as const)('opens an alert when it begins, and resolves it when it has %s', async (status) => {
    const channel = open();
    await channel.interim(opened);
    expect(alerts()).toEqual([{ key: loud.incident, triggers: 1, resolved: false }]);
    expect(pager.alerts[0]?.event.payload?.custom_details).toMatchObject({ status: 'open' });
    await channel.outcome(outcome({ status, opened: true }));
    expect(alerts()).toEqual([{ key: loud.incident, triggers: 1, resolved: true }]);
  });

  test.each(['escalated', 'held', 'failed'] as const)(
    'keeps the alert open that was opened and ends %s, and makes no other',
    async (status) => {
      const channel = open();
      await channel.interim(opened);
      await channel.outcome(outcome({ status, opened: true }));
      await channel.outcome(outcome({ status, opened: true }), true);
      expect(alerts()).toEqual([{ key: loud.incident, triggers: 3, resolved: false }]);
    },
  );

  test.each([{}, { kind: 'reminder' as const }])('hears nothing of %j in between', async (more) => {
    const { kind: __, ...rest } = opened;
    await open().interim({ ...rest, ...more });
    expect(receiver.got).toEqual([]);
  });

  test('gets no more than it takes, and no links of others', async () => {
    const long = { ...longStory, status: 'failed' as const, quiet: false, reason: `see evil.example.com ${'x'.repeat(2000)}` };
    await open().outcome(long);
    expect(pager.alerts).toHaveLength(1);
    expect(receiver.got[0]?.body).not.toContain('evil.example.com');
  });

  test('that finds something wrong says what, without the key', async () => {
    receiver.answer = ({ body }) => ({ status: 400, body });
    const error = await failure(() => open().outcome(loud));
    expect(error).toMatchObject({ kind: 'refused', code: 'NotAccepted', message: expect.stringContaining('PagerDuty answered 400: ') });
    expect(error?.message).not.toContain(routingKey);
  });

  test.each([429, 500, 503])('that answers %d is asked again soon: it takes the same event twice for one', async (status) => {
    receiver.answer = () => ({ status, body: '' });
    expect(await failure(() => open().outcome(loud))).toMatchObject({ kind: 'throttled', message: `PagerDuty answered ${status}` });
  });

  test('that does not answer is asked again soon, too', async () => {
    const giveUp = new AbortController();
    receiver.answer = () => {
      giveUp.abort();
      return null;
    };
    const error = await failure(() => open({ timer: () => giveUp.signal }).outcome(loud));
    expect(error).toMatchObject({ kind: 'throttled', message: expect.stringMatching(/^PagerDuty was not reached: /) });
  });

  test.each([
    [400, 'refused'],
    [500, 'throttled'],
  ])('has got nothing where the secret can not be read for a %d, whatever that means: %s', async (httpStatusCode, kind) => {
    const down = Object.assign(new Error('down'), { $metadata: { httpStatusCode } });
    expect(await failure(() => open({ key: down }).outcome(loud))).toMatchObject({
      kind,
      message: expect.stringContaining('could not be read'),
    });
    expect(receiver.got).toEqual([]);
  });

  test('is not asked with a key of another length', async () => {
    const error = await failure(() => open({ key: 'short' }).outcome(loud));
    expect(error).toEqual({
      kind: 'refused',
      code: 'SecretUnusable',
      message: 'secret pager must be an integration key of 32 characters',
    });
    expect(receiver.got).toEqual([]);
  });
});
