import { type CreateOpsItemCommand, DescribeOpsItemsCommand, UpdateOpsItemCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHost, type Host } from '../../../local/testbed/host.ts';
import { attempt } from '../../../shared/aws/call.ts';
import { channelsSchema } from '../../../shared/model/channels.ts';
import { severities } from '../../../shared/model/classification.ts';
import type { Outcome } from '../../../shared/model/outcome.ts';
import { runbooksSchema } from '../../../shared/model/runbook.ts';
import { statuses } from '../../../shared/model/status.ts';
import { opsCenter, opsCenterPermissions } from '../../../shared/notifications/channels/ops-center.ts';
import type { Interim } from '../../../shared/ports/reporter.ts';
import { noon, outcome } from '../../remediation/examples.ts';
import { deploymentOf, longStory } from './open.ts';

let host: Host;
beforeAll(async () => {
  host = await createHost({ seed: 3, start: noon, account: '123456789012', region: 'us-east-1' });
});
afterAll(() => host.close());

let count = 0;
/** An outcome of an incident of its own. */
const end = (change: Partial<Outcome> = {}) => {
  count++;
  return outcome({ incident: `incident-${count}`, status: 'escalated', verified: false, reason: 'no rung is left', ...change });
};
const beginning = ({ timeline: _, ...rest }: Outcome): Interim => ({
  ...rest,
  ...{ at: '2026-11-20T12:04:00.000Z', headline: 'launch-failed needs you', reason: 'it began', kind: 'opened' },
});

/** The channel as it is deployed, in an account of the embedded AWS. */
const open = (ssm: Pick<Host['clients']['ssm'], 'send'> = host.clients.ssm) => {
  const channels = channelsSchema.parse({ opsCenter: 'on' });
  const outside = { channels, ssm, post: async () => Promise.reject(), secret: async () => Promise.reject(), now: () => noon };
  const runbooks = runbooksSchema.parse({ [outcome().failure]: 'https://wiki.example.com/runbook' });
  const [channel] = [opsCenter.reports.open({ ...deploymentOf().deployment, outside, runbooks }) ?? []].flat();
  if (!channel?.interim) throw new Error('there is no such channel');
  return { ...channel, interim: channel.interim };
};

/** The items of an incident, as an engineer finds them. */
const itemsOf = async ({ incident }: Outcome) => {
  const Values = [JSON.stringify({ key: 'selfheal-incident', value: incident })];
  const found = await host.operator.ssm.send(
    new DescribeOpsItemsCommand({ OpsItemFilters: [{ Key: 'OperationalData', Operator: 'Equal', Values }] }),
  );
  return found.OpsItemSummaries ?? [];
};
const statusesOf = async (one: Outcome) => (await itemsOf(one)).map(({ Status }) => Status);

describe('OpsCenter', () => {
  test('is none where the policy does not name it', () => {
    expect(opsCenter.reports.open(deploymentOf().deployment)).toBeNull();
    const channels = channelsSchema.parse({});
    const outside = { channels, ssm: host.clients.ssm, post: async () => Promise.reject(), secret: async () => '', now: () => noon };
    expect(opsCenter.reports.open({ ...deploymentOf().deployment, outside })).toBeNull();
  });

  test('gets an item for what needs a person, with what it is about and its runbook', async () => {
    const one = end({ alarm: { name: 'web', arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:web' } });
    await open().outcome(one);
    const [item] = await itemsOf(one);
    expect(item).toMatchObject({
      Source: 'selfheal',
      Status: 'Open',
      Severity: '1',
      Category: 'Availability',
      Title: expect.stringContaining('needs you'),
    });
    expect(JSON.parse(item?.OperationalData?.['/aws/resources']?.Value ?? '')).toEqual([
      { arn: `arn:aws:ec2:us-east-1:123456789012:instance/${one.resource.id}` },
      { arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:web' },
    ]);
    const said: CreateOpsItemCommand[] = [];
    await open({ send: async (command: CreateOpsItemCommand) => void said.push(command) } as never).outcome(one);
    expect(said[0]?.input.Description).toMatch(/^no rung is left\n\nWhat now: [\s\S]*\[Runbook\]\(https:\/\/wiki\.example\.com\/runbook\)/);
  });

  test.each(severities.map((severity, i) => [severity, String(i + 1)] as const))('takes %s for %s', async (severity, theirs) => {
    const one = end({ severity });
    await open().outcome(one);
    expect(await itemsOf(one)).toMatchObject([{ Severity: theirs }]);
  });

  test.each([
    ...statuses.map((status) => ({ status, items: ['escalated', 'held', 'failed'].includes(status) ? 1 : 0 })),
    ...statuses.map((status) => ({ status, quiet: true, items: 0 })),
  ])('has for an incident that was not opened and ends like %j', async ({ items, ...change }) => {
    const one = end(change);
    await open().outcome(one);
    expect(await itemsOf(one)).toHaveLength(items);
  });

  test.each(['healed', 'healed-itself'] as const)('gets an item when it begins, which is resolved when it has %s', async (status) => {
    const one = end({ status, opened: true });
    const channel = open();
    await channel.interim(beginning(one));
    expect(await statusesOf(one)).toEqual(['Open']);
    await channel.outcome(one);
    await channel.outcome(one, true);
    expect(await statusesOf(one)).toEqual(['Resolved']);
  });

  test('keeps the item that was opened, with how it ended, and gets no other', async () => {
    const one = end({ opened: true });
    const channel = open();
    await channel.interim(beginning(one));
    await channel.outcome(one);
    await channel.outcome(one, true);
    expect(await itemsOf(one)).toMatchObject([{ Status: 'Open', Title: expect.stringContaining('needs you') }]);
  });

  test('leaves alone what a person has closed', async () => {
    const one = end({ status: 'healed', opened: true });
    const channel = open();
    await channel.interim(beginning(one));
    const [item] = await itemsOf(one);
    await host.operator.ssm.send(new UpdateOpsItemCommand({ OpsItemId: item?.OpsItemId, Status: 'Closed' }));
    await channel.outcome(one);
    expect(await statusesOf(one)).toEqual(['Closed']);
  });

  test.each([{}, { kind: 'reminder' as const }])('hears nothing of %j in between', async (more) => {
    const one = end();
    const { kind: _, ...rest } = beginning(one);
    await open().interim({ ...rest, ...more });
    expect(await itemsOf(one)).toEqual([]);
  });

  test('takes the longest story', async () => {
    const one = end({ ...longStory, incident: 'long', status: 'failed', reason: 'x'.repeat(1000), resourceState: 'y'.repeat(5000) });
    await open().outcome(one);
    expect(await itemsOf(one)).toHaveLength(1);
  });

  test('makes the calls that it says, and no others', async () => {
    const before = host.aws.world.calls.length;
    const one = end({ opened: true });
    await open().interim(beginning(one));
    await open().outcome(one);
    const made = host.aws.world.calls.slice(before).map(({ service, operation }) => `${service}:${operation}`);
    expect([...new Set(made)].sort()).toEqual([...opsCenterPermissions].sort());
  });

  test('that refuses is told why', async () => {
    host.aws.faults.inject({ fault: 'fail-call', service: 'ssm', operation: 'CreateOpsItem', code: 'AccessDeniedException', status: 400 });
    const tried = await attempt(() => open().outcome(end()));
    expect(tried).toMatchObject({ ok: false, error: { kind: 'refused', code: 'AccessDeniedException', call: 'ssm:CreateOpsItem' } });
  });
});
