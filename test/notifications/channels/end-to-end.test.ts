import { DescribeOpsItemsCommand, GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { createFleet } from '../../../local/testbed/fleet.ts';
import { createHost } from '../../../local/testbed/host.ts';
import { secretReference } from '../../../shared/aws/secret.ts';
import { signatureOf } from '../../../shared/notifications/channels/webhook.ts';
import { parsePolicy } from '../../../shared/policy/read-policy.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

/** A lone instance whose kernel hangs and which is rebooted, where `answers` says what the server of a webhook answers, in order. */
const play = async (answers: number[]) => {
  const webhooks = [{ name: 'ops', url: 'https://hooks.example.com/selfheal', secret: 'selfheal/ops' }];
  const policy = parsePolicy(JSON.stringify({ channels: { webhooks } }));
  const host = await createHost({ seed: 11, start, account: '111122223333', region: 'us-east-1', policy });
  const site = host.web.sites.get('hooks.example.com');
  if (!site) throw new Error('the world has no such server');
  site.answer = () => ({ status: answers.shift() ?? 204, body: '' });
  try {
    const fleet = createFleet(host);
    const id = await fleet.instance({ name: 'web' });
    await fleet.statusAlarm(id, 'Instance');
    await host.run(() => false, start + 20 * minute);
    host.aws.faults.inject({ fault: 'hang-kernel', target: id });
    await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 36 * hour);
    const { Parameter } = await host.operator.ssm.send(
      new GetParameterCommand({ Name: secretReference('selfheal/ops'), WithDecryption: true }),
    );
    return { host, key: Parameter?.Value ?? '' };
  } finally {
    await host.close();
  }
};

describe('a webhook of a deployment', () => {
  test('gets the outcome once, by a secret that appears nowhere else', async () => {
    const { host, key } = await play([]);
    expect(host.web.posted).toHaveLength(1);
    const [{ url, headers, body } = { url: '', headers: {}, body: '' }] = host.web.posted;
    expect(url).toBe('https://hooks.example.com/selfheal');
    const { links: _, ...outcome } = host.outcomes[0] ?? { links: [] };
    expect(JSON.parse(body)).toMatchObject(outcome);
    const at = Number(/^t=(\d+),/.exec(headers['x-selfheal-signature'] ?? '')?.[1]) * 1000;
    expect(headers['x-selfheal-signature']).toBe(signatureOf(body, key, at));
    expect(key).toHaveLength(32);
    expect([...host.log, ...host.messages, body].some((text) => text.includes(key))).toBe(false);
  });

  test('that is down is told later, and nobody else twice', async () => {
    const { host } = await play([503, 429, 503]);
    expect(host.outcomes).toHaveLength(1);
    expect(host.messages).toHaveLength(1);
    const got = host.web.posted.map(({ body }) => JSON.parse(body) as { status: string; repeat?: true });
    expect(got.map(({ status, repeat = false }) => [status, repeat])).toEqual([
      ['healed', false],
      ['healed', true],
      ['healed', true],
      ['healed', true],
    ]);
  });

  test('that refuses is counted, and the incident ends all the same', async () => {
    const { host } = await play([403]);
    expect(host.outcomes).toMatchObject([{ status: 'healed' }]);
    // The execution fails with it; what finds that asks once more, in vain no longer.
    expect(host.web.posted).toHaveLength(2);
    expect(host.log.filter((line) => line.includes('"Untold":1')).map((line) => JSON.parse(line).Channel)).toEqual(['webhook/ops']);
  });
});

describe('a pager of a deployment', () => {
  /** A heartbeat that stays away for some hours. */
  const silence = async (hours: number, dies: boolean) => {
    const policy = parsePolicy(
      JSON.stringify({
        channels: { pagerduty: { secret: 'pager' }, opsCenter: 'on' },
        beats: [{ name: 'export', every: '30m', grace: '5m' }],
      }),
    );
    let deaths = 0;
    const host = await createHost({
      ...{ seed: 7, start, account: '111122223333', region: 'us-east-1', policy },
      // Before the message has been noted, or after.
      diesInCall: (when) => dies && host.web.posted.length > deaths && when === 'after' && ++deaths <= 2,
    });
    try {
      await host.beat('export');
      await host.run(() => false, start + hours * hour);
      const open = host.web.pager.alerts.filter(({ resolved }) => !resolved).length;
      await host.beat('export');
      await host.run(() => host.outcomes.length > 0 && !host.busy(), start + (hours + 100) * hour);
      const { OpsItemSummaries: items = [] } = await host.operator.ssm.send(new DescribeOpsItemsCommand({}));
      return { host, open, items };
    } finally {
      await host.close();
    }
  };

  test.each([false, true])(
    'has one alert while a heartbeat stays away, and resolves it when it is back; it dies in between: %s',
    async (dies) => {
      const { host, open, items } = await silence(6, dies);
      expect(open).toBe(1);
      expect(host.outcomes).toMatchObject([{ status: 'healed-itself', opened: true }]);
      const incident = host.outcomes[0]?.incident;
      expect(items.map(({ Status, OperationalData }) => [OperationalData?.['selfheal-incident']?.Value, Status])).toEqual([
        [incident, 'Resolved'],
      ]);
      expect(host.web.pager.alerts.map(({ key, resolved }) => ({ key, resolved }))).toEqual([{ key: incident, resolved: true }]);
    },
  );
});
