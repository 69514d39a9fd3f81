import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createFleet } from '../../local/testbed/fleet.ts';
import { createHost, type Host, type HostOptions } from '../../local/testbed/host.ts';
import { approvalOf } from '../../shared/approvals/approval.ts';
import { createApprovalStore } from '../../shared/approvals/store.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { incident, outcome } from '../remediation/examples.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;
const day = 24 * 60 * minute;
/** Far more than DynamoDB's are behind: who reads without asking for consistency sees none of what the tests do. */
const staleReads = 30 * minute;

let host: Host;
afterEach(() => host.close());

const setUp = async (options: Partial<HostOptions> = {}) => {
  host = await createHost({ seed: 7, start, account: '111122223333', region: 'us-east-1', staleReads, ...options });
  const { clock } = host.aws.world;
  return { ledger: host.ledger, now: clock.now, pass: (milliseconds: number) => host.run(() => false, clock.now() + milliseconds) };
};
const resource = { account: '123456789012', region: 'us-east-1', type: 'instance', id: 'i-0a1b2c3d4e5f60718' };

describe('what the ledger reads is as it stands, however late other reads are:', () => {
  test('who holds a lease', async () => {
    const { ledger, now } = await setUp();
    await ledger.acquire(resource, 'first', now(), now() + 20 * minute);
    expect(await ledger.acquire(resource, 'second', now(), now() + 20 * minute)).toEqual({
      acquired: false,
      holder: 'first',
      until: now() + 20 * minute,
    });
  });

  test('how an incident ended, for whoever opens it again or asks', async () => {
    const { ledger, now } = await setUp();
    const open = incident();
    const ended = outcome({ incident: open.key });
    await ledger.open(open, now());
    await ledger.close(ended);
    expect(await ledger.open(open, now())).toMatchObject({ incident: open.key, status: ended.status });
    expect(await ledger.read(open.key)).toMatchObject({ status: ended.status, outcome: { incident: open.key } });
  });

  test('what else fails, where more does than is counted', async () => {
    const { ledger, now } = await setUp();
    const place = { account: '111122223333', region: 'us-east-1' };
    const note = (id: string) => ledger.noteFailing(place, { id, zone: null, group: null }, now(), 5 * minute);
    for (let n = 0; n < 200; n++) await note(`i-${n}`);
    const { failing, full } = await note('i-one-more');
    expect(full).toBe(true);
    expect(failing.length).toBeGreaterThan(200);
  });

  test('what a person is asked', async () => {
    const { now } = await setUp();
    const store = createApprovalStore(host.clients.dynamodb, host.table);
    const request = {
      incident: incident(),
      action: 'reboot-instance',
      target: resource as never,
      what: 'reboot it',
      why: 'it is asked for',
    };
    const approval = approvalOf(
      { ...request, callbackId: 'callback', expiresAt: now() + minute, timeline: [] },
      'https://people.example.com/',
    );
    await store.add(approval);
    expect(await store.read(approval.id)).toMatchObject({ approval: { incident: request.incident.key }, decision: null });
  });
});

describe('what was tried on a resource', () => {
  test('is remembered for as long as a policy may look back, long after the lease is over', async () => {
    const { ledger, now, pass } = await setUp();
    const first = await ledger.acquire(resource, 'first', now(), now() + 20 * minute);
    expect(first).toEqual({ acquired: true, attempts: [] });
    const attempt = { at: now(), action: 'reboot-instance', incident: 'first' };
    await ledger.recordAttempt(resource, attempt, []);
    await ledger.release(resource, 'first');
    // The longest window that a policy takes.
    await pass(7 * day);
    expect(await ledger.acquire(resource, 'second', now(), now() + 20 * minute)).toEqual({ acquired: true, attempts: [attempt] });
  });

  test('is gone in the end', async () => {
    const { ledger, now, pass } = await setUp();
    await ledger.acquire(resource, 'first', now(), now() + 20 * minute);
    await pass(92 * day);
    const Key = { pk: { S: `v1#lease#${resource.account}/${resource.region}#${resource.type}/${resource.id}` } };
    const { Item } = await host.operator.dynamodb.send(new GetItemCommand({ TableName: host.table, Key, ConsistentRead: true }));
    expect(Item).toBeUndefined();
  });
});

/** A lone instance whose kernel hangs; what is done to the ledger first is done once the instance is up. */
const hang = async (options: Partial<HostOptions>, first: (id: string) => Promise<unknown> = async () => {}) => {
  const { pass } = await setUp(options);
  const fleet = createFleet(host);
  const web = await fleet.instance({ name: 'web' });
  await fleet.statusAlarm(web, 'Instance');
  await pass(20 * minute);
  await first(web);
  host.aws.faults.inject({ fault: 'hang-kernel', target: web });
  await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 3 * day);
  return { web, pass };
};
const reboots = () => host.aws.world.calls.filter(({ operation, error }) => operation === 'RebootInstances' && error === null);

describe('an incident', () => {
  test('is healed the same over a table whose reads are late', async () => {
    await hang({});
    const late = host.outcomes;
    await host.close();
    expect(late).toMatchObject([{ status: 'healed', verified: true }]);
    await hang({ staleReads: 0 });
    expect(host.outcomes).toEqual(late);
  });

  test('that has ended is not treated again when it is told again after two weeks, when Lambda has forgotten its execution', async () => {
    const { pass } = await hang({});
    const [execution] = [...host.engine.executions.values()];
    if (!execution) throw new Error('no execution was started');
    expect(host.outcomes).toMatchObject([{ status: 'healed' }]);
    (host.engine.executions as Map<string, unknown>).delete(execution.name);
    await pass(15 * day);
    host.remediate(execution.name, execution.payload);
    await pass(day);
    expect(host.engine.executions.get(execution.name)).toMatchObject({ status: 'SUCCEEDED' });
    expect(reboots()).toHaveLength(1);
    expect(host.outcomes).toHaveLength(1);
    expect(host.messages).toHaveLength(1);
  });

  test('that can’t be written down is not acted on', async () => {
    await hang({}, async () => {
      const failure = { code: 'InternalServerError', status: 500 };
      host.aws.faults.inject({ fault: 'fail-call', service: 'dynamodb', operation: 'PutItem', ...failure });
    });
    expect(reboots()).toEqual([]);
    expect(host.outcomes).toMatchObject([{ status: 'held', actions: [] }]);
    expect(host.outcomes[0]?.reason).toMatch(/^the ledger can't be written/);
  });

  test.each(['{"at":', '[{"at":"yesterday","action":"reboot-instance","incident":"a"}]', '{}'])(
    'is not acted on where what was tried on its resource can’t be read: %s',
    async (attempts) => {
      await hang({ policy: policySchema.parse({ lease: { seconds: 1200, patience: 60 } }) }, async (id) => {
        await host.operator.dynamodb.send(
          new UpdateItemCommand({
            TableName: host.table,
            Key: { pk: { S: `v1#lease#111122223333/us-east-1#instance/${id}` } },
            UpdateExpression: 'SET attempts = :attempts',
            ExpressionAttributeValues: { ':attempts': { S: attempts } },
          }),
        );
      });
      expect(reboots()).toEqual([]);
      expect(host.outcomes).toMatchObject([{ status: 'held', actions: [] }]);
    },
  );
});
