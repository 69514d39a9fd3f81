import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createLedger, ledgerPermissions } from '../../shared/aws/ledger.ts';
import { layoutPermissions } from '../../shared/aws/ledger-layout.ts';
import type { Incident } from '../../shared/model/incident.ts';
import { LeaseLost } from '../../shared/ports/ledger.ts';
import { incident, noon, outcome } from '../remediation/examples.ts';
import { dynaliteTable } from './dynalite.ts';
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

describe('a lease', () => {
  test('is given to the first who asks', async () => {
    const { ledger, resource, mine } = setUp();
    expect(await ledger.acquire(resource, mine.key, noon, later(60))).toEqual({ acquired: true, attempts: [] });
  });

  test('is denied to everybody else while it runs, naming its holder', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await ledger.acquire(resource, mine.key, noon, later(60));
    expect(await ledger.acquire(resource, yours.key, later(59), later(119))).toEqual({
      acquired: false,
      holder: mine.key,
      until: later(60),
    });
  });

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
    await ledger.acquire(resource, yours.key, later(30), later(90));
    expect(await ledger.holderOf(resource, later(40))).toBe(yours.key);
    expect(await ledger.holderOf(resource, later(100))).toBe(mine.key);
    await ledger.noteWaiting(resource, mine.key, later(110), later(110));
    expect(await ledger.holderOf(resource, later(110))).toBeNull();
    await ledger.noteWaiting(resource, yours.key, later(110), later(400));
    expect(await ledger.holderOf(resource, later(399))).toBe(yours.key);
    expect(await ledger.holderOf(resource, later(400))).toBeNull();
  });

  test('is renewed by its holder, and runs as long as it was renewed', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await ledger.acquire(resource, mine.key, noon, later(60));
    expect(await ledger.acquire(resource, mine.key, later(50), later(110))).toMatchObject({ acquired: true });
    expect(await ledger.acquire(resource, yours.key, later(100), later(160))).toMatchObject({ acquired: false, until: later(110) });
  });

  test('of a dead one is anybody’s once it has run out', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await ledger.acquire(resource, mine.key, noon, later(60));
    expect(await ledger.acquire(resource, yours.key, later(60), later(120))).toMatchObject({ acquired: true });
    expect(await ledger.acquire(resource, mine.key, later(61), later(121))).toMatchObject({ acquired: false, holder: yours.key });
  });

  test('is free once it was given back', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await ledger.acquire(resource, mine.key, noon, later(60));
    await ledger.release(resource, mine.key);
    expect(await ledger.acquire(resource, yours.key, later(1), later(61))).toMatchObject({ acquired: true });
  });

  test('is not given back by anybody but its holder', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await ledger.acquire(resource, mine.key, noon, later(60));
    await ledger.release(resource, yours.key);
    expect(await ledger.acquire(resource, yours.key, later(1), later(61))).toMatchObject({ acquired: false });
  });

  test('may be given back by one who never had it, without effect', async () => {
    const { ledger, resource, mine } = setUp();
    await expect(ledger.release(resource, mine.key)).resolves.toBeUndefined();
  });

  test('goes to exactly one of fifty who ask at once', async () => {
    const { ledger, resource } = setUp();
    const keys = Array.from({ length: 50 }, (_, index) => incident({ resource, at: noon + index }).key);
    const leases = await Promise.all(keys.map((key) => ledger.acquire(resource, key, noon, later(60))));
    const winner = keys.find((_, index) => leases[index]?.acquired);
    expect(leases.filter(({ acquired }) => acquired)).toHaveLength(1);
    for (const lease of leases) if (!lease.acquired) expect(lease.holder).toBe(winner);
  });

  test('that ran out goes to exactly one of fifty who wait for it', async () => {
    const { ledger, resource, mine } = setUp();
    await ledger.acquire(resource, mine.key, noon, later(60));
    const keys = Array.from({ length: 50 }, (_, index) => incident({ resource, at: noon + 1 + index }).key);
    const leases = await Promise.all(keys.map((key) => ledger.acquire(resource, key, later(61), later(121))));
    expect(leases.filter(({ acquired }) => acquired)).toHaveLength(1);
  });

  test('on one resource says nothing of another', async () => {
    const [one, two] = [setUp(), setUp()];
    await one.ledger.acquire(one.resource, one.mine.key, noon, later(60));
    expect(await two.ledger.acquire(two.resource, two.mine.key, noon, later(60))).toMatchObject({ acquired: true });
  });

  test('throws what the table refuses', async () => {
    const { resource, mine } = setUp();
    await expect(createLedger(client, 'no-such-table').acquire(resource, mine.key, noon, later(60))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('attempts', () => {
  test('are remembered across incidents', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await ledger.acquire(resource, mine.key, noon, later(60));
    await ledger.recordAttempt(resource, attemptBy(mine), []);
    await ledger.release(resource, mine.key);
    expect(await ledger.acquire(resource, yours.key, later(1), later(61))).toEqual({ acquired: true, attempts: [attemptBy(mine)] });
  });

  test('are kept as the caller says, and the new one comes last', async () => {
    const { ledger, resource, mine } = setUp();
    await ledger.acquire(resource, mine.key, noon, later(60));
    const first = attemptBy(mine, noon, 'reboot-instance');
    const second = attemptBy(mine, later(5), 'stop-start-instance');
    await ledger.recordAttempt(resource, first, []);
    await ledger.recordAttempt(resource, second, [first]);
    expect(await ledger.acquire(resource, mine.key, later(6), later(66))).toEqual({ acquired: true, attempts: [first, second] });
  });

  test('are refused to one who does not hold the resource', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await expect(ledger.recordAttempt(resource, attemptBy(mine), [])).rejects.toThrow(LeaseLost);
    await ledger.acquire(resource, mine.key, noon, later(60));
    await expect(ledger.recordAttempt(resource, attemptBy(yours), [])).rejects.toThrow(LeaseLost);
  });

  test('are refused to one whose lease has run out, whether or not somebody else has it', async () => {
    const { ledger, resource, mine, yours } = setUp();
    await ledger.acquire(resource, mine.key, noon, later(60));
    await expect(ledger.recordAttempt(resource, attemptBy(mine, later(60)), [])).rejects.toThrow(LeaseLost);
    await ledger.acquire(resource, yours.key, later(61), later(121));
    await expect(ledger.recordAttempt(resource, attemptBy(mine, later(62)), [])).rejects.toThrow(LeaseLost);
    expect(await ledger.acquire(resource, yours.key, later(63), later(123))).toMatchObject({ attempts: [] });
  });

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
