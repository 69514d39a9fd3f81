import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createLedger, ledgerPermissions } from '../../shared/aws/ledger.ts';
import { layoutPermissions } from '../../shared/aws/ledger-layout.ts';
import type { Incident } from '../../shared/model/incident.ts';
import { incident, noon, outcome } from '../remediation/examples.ts';
import { dynaliteTable } from './dynalite.ts';
import { ledgerContract } from './ledger-contract.ts';
import { recordingClients, sdkError } from './recorder.ts';

const TableName = 'ledger';
const second = 1000;
const { client, close } = await dynaliteTable(TableName);
afterAll(close);

let resources = 0;
/** A resource and an incident that no other test has. */
const setUp = () => {
  const id = `i-${String(++resources).padStart(17, '0')}`;
  const resource = { account: '123456789012', region: 'us-east-1', type: 'instance', id } as const;
  return {
    ledger: createLedger(client, TableName),
    resource,
    mine: incident({ resource: { type: 'instance', id } }),
    yours: incident({ resource: { type: 'instance', id }, at: noon + 1 }),
  };
};
const later = (seconds: number) => noon + seconds * second;
const attemptBy = ({ key }: Incident, at = noon, action = 'reboot-instance') => ({ at, action, incident: key });

ledgerContract(() => createLedger(client, TableName));

describe('a lease', () => {
  test.each([-120, 120])('that is renewed in time is not lost to a clock that is %i s off', async (skew) => {
    const { ledger, resource, mine, yours } = setUp();
    // As holdings renew it: by a third of its time.
    for (let at = 0; at <= 3600; at += 100) {
      if (at % 400 === 0) expect((await ledger.acquire(resource, mine.key, later(at), later(at + 1200))).acquired).toBe(true);
      expect((await ledger.acquire(resource, yours.key, later(at + skew), later(at + skew + 1200))).acquired).toBe(false);
      expect(await ledger.holderOf(resource, later(at + skew))).toBe(mine.key);
    }
    expect(await ledger.holderOf(resource, later(6000))).toBeNull();
  });

  test('names who waits for the resource to recover where nobody holds it, the first of them, for as long as it waits', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await ledger.noteWaiting(resource, mine.key, noon, later(300));
    await ledger.noteWaiting(resource, yours.key, later(10), later(310));
    expect(await ledger.holderOf(resource, later(20))).toBe(mine.key);
    await ledger.noteWaiting(resource, mine.key, later(110), later(110));
    expect(await ledger.holderOf(resource, later(110))).toBeNull();
    await ledger.noteWaiting(resource, yours.key, later(110), later(400));
    expect(await ledger.holderOf(resource, later(399))).toBe(yours.key);
    expect(await ledger.holderOf(resource, later(400))).toBeNull();
  });

  test('is not given to another incident while one waits for the resource to recover, until its time is over', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await ledger.noteWaiting(resource, mine.key, noon, later(300));
    const refused = { acquired: false, holder: mine.key, until: later(300), waits: true };
    expect(await ledger.acquire(resource, yours.key, later(30), later(90))).toEqual(refused);
    expect(await ledger.acquire(resource, yours.key, later(299), later(359))).toEqual(refused);
    expect(await ledger.acquire(resource, yours.key, later(300), later(360))).toMatchObject({ acquired: true });
    // What is treated already goes on being treated, whoever begins to wait.
    await ledger.noteWaiting(resource, mine.key, later(310), later(600));
    expect(await ledger.acquire(resource, yours.key, later(320), later(380))).toMatchObject({ acquired: true });
    expect(await ledger.acquire(resource, mine.key, later(330), later(390))).toEqual({
      acquired: false,
      holder: yours.key,
      until: later(380),
    });
  });

  test('is given to the incident that has waited, at any time', async () => {
    const { ledger, resource, mine } = setUp();
    await ledger.noteWaiting(resource, mine.key, noon, later(300));
    expect(await ledger.acquire(resource, mine.key, later(30), later(90))).toMatchObject({ acquired: true });
  });

  test('throws what the table refuses', async () => {
    const { resource, mine } = setUp();
    await expect(createLedger(client, 'no-such-table').acquire(resource, mine.key, noon, later(60))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('attempts', () => {
  test('throw as they are where the table itself fails', async () => {
    const { clients } = recordingClients(() => sdkError('ProvisionedThroughputExceededException', 400));
    const { resource, mine } = setUp();
    await expect(createLedger(clients.dynamodb, TableName).recordAttempt(resource, attemptBy(mine), [])).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
    });
  });
});

describe('an incident', () => {
  test('is opened once, and open until it has ended', async () => {
    const { ledger, mine } = setUp();
    expect(await ledger.open(mine, noon)).toBeNull();
    expect(await ledger.open(mine, later(5))).toBeNull();
    expect(await ledger.read(mine.key)).toMatchObject({ status: 'open', outcome: null });
  });

  test('that has ended gives its outcome to whoever opens it again', async () => {
    const { ledger, mine } = setUp();
    const ended = outcome({ incident: mine.key });
    await ledger.open(mine, noon);
    expect(await ledger.close(ended)).toBe(true);
    expect(await ledger.open(mine, later(5))).toEqual(ended);
    expect(await ledger.read(mine.key)).toMatchObject({ status: 'healed', outcome: ended });
  });

  test('keeps its first outcome', async () => {
    const { ledger, mine } = setUp();
    const first = outcome({ incident: mine.key, status: 'escalated' });
    expect(await ledger.close(first)).toBe(true);
    expect(await ledger.close(outcome({ incident: mine.key, status: 'healed' }))).toBe(false);
    expect(await ledger.read(mine.key)).toMatchObject({ status: 'escalated', outcome: first });
  });

  test('ends once, however many say how at the same time', async () => {
    const { ledger, mine } = setUp();
    const closed = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ledger.close(outcome({ incident: mine.key, reason: `${index}` }))),
    );
    expect(closed.filter(Boolean)).toHaveLength(1);
    expect((await ledger.read(mine.key))?.outcome?.reason).toBe(String(closed.indexOf(true)));
  });

  test('that nobody knows is null', async () => {
    const { ledger } = setUp();
    expect(await ledger.read('never-heard-of')).toBeNull();
  });

  test('is kept for 90 days after its end', async () => {
    const { ledger, mine } = setUp();
    await ledger.open(mine, noon);
    await ledger.close(outcome({ incident: mine.key }));
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: { pk: { S: `v1#incident#${mine.key}` } } }));
    expect(Number(Item?.expiresAt?.N)).toBe(Date.parse(outcome().endedAt) / 1000 + 90 * 86_400);
  });

  test('with the longest story that there is fits beside the largest incident', async () => {
    const { ledger, resource } = setUp();
    const children = Array.from({ length: 100 }, () => 'a'.repeat(1600));
    const large = incident({ resource, children });
    await ledger.open(large, noon);
    const timeline = Array.from({ length: 3000 }, (_, index) => ({
      at: outcome().endedAt,
      phase: 'look' as const,
      text: `${index}${'語'.repeat(590)}`,
    }));
    expect(await ledger.close(outcome({ incident: large.key, timeline }))).toBe(true);
    const read = await ledger.read(large.key);
    expect(read?.outcome?.timeline[0]?.text).toMatch(/^0語/);
    expect(read?.outcome?.timeline.at(-1)?.text).toMatch(/^2999語/);
  });
});

test('a lease is free at the time at which it is given back, and no later than it runs out', async () => {
  const { ledger, resource, mine, yours } = setUp();
  await ledger.acquire(resource, mine.key, noon, later(60));
  for (const seconds of [90, 30, 40]) await ledger.release(resource, mine.key, later(seconds));
  expect(await ledger.acquire(resource, yours.key, later(29), later(89))).toMatchObject({ acquired: false, until: later(30) });
  expect(await ledger.acquire(resource, yours.key, later(30), later(90))).toMatchObject({ acquired: true });
});

test('an attempt renews the lease for its call', async () => {
  const { ledger, resource, mine, yours } = setUp();
  await ledger.acquire(resource, mine.key, noon, later(60));
  await ledger.recordAttempt(resource, attemptBy(mine, later(59)), [], later(119));
  expect(await ledger.acquire(resource, yours.key, later(118), later(178))).toMatchObject({ acquired: false, until: later(119) });
});

test('the ledger makes the calls that it says, and no others', async () => {
  const refused = sdkError('ConditionalCheckFailedException', 400);
  const reads = ['dynamodb:GetItem', 'dynamodb:Scan'];
  const { clients, calls } = recordingClients((permission) => (reads.includes(permission) ? { output: {} } : refused));
  const { resource, mine } = setUp();
  const ledger = createLedger(clients.dynamodb, TableName);
  await ledger.acquire(resource, mine.key, noon, later(60));
  await ledger.recordAttempt(resource, attemptBy(mine), []).catch(() => {});
  await ledger.release(resource, mine.key);
  await ledger.open(mine, noon).catch(() => {});
  await ledger.close(outcome());
  await ledger.read(mine.key);
  expect([...new Set(calls.map(({ permission }) => permission))].sort()).toEqual(
    [...new Set([...ledgerPermissions, ...layoutPermissions])].sort(),
  );
});
