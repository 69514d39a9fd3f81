import { type AttributeValue, type DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { approvalOf } from '../../shared/approvals/approval.ts';
import { createApprovalStore } from '../../shared/approvals/store.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import { placedAt } from '../../shared/model/place.ts';
import { emptyTable } from '../aws/table.ts';
import { incident, instanceId, noon } from '../remediation/examples.ts';
import { testWhole } from '../runner/whole.ts';
import { limits } from './figures.ts';
import { groupName, longestIncident, longestOutcome, longestRequest, longestStory, quoted, wide } from './longest.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const sizeOf = ({ S, N, SS, L, BOOL }: AttributeValue): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (SS !== undefined) return SS.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  if (L !== undefined) return 3 + L.reduce((sum, one) => sum + sizeOf(one) + 1, 0);
  return N === undefined ? Number(BOOL !== undefined) : N.length;
};
const itemsOf = async (client: DynamoDBClient, TableName: string) => {
  const items: Record<string, AttributeValue>[] = [];
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName, ConsistentRead: true, ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}) }),
    );
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items.map((item) => Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0));
};

const setUp = async () => {
  const { client, TableName } = await emptyTable();
  return {
    client,
    TableName,
    ledger: createLedger(client, TableName),
    largest: async () => Math.max(...(await itemsOf(client, TableName))),
  };
};
const group = placedAt({ account: '123456789012', region: 'us-east-1' }, { type: 'group', id: groupName });
const place = { account: '123456789012', region: 'us-east-1' };
const begun = { at: noon, action: 'stop-start-instance', target: { type: 'instance', id: instanceId }, attempt: 100 };

describe('the item of', () => {
  test.each([
    ['wide characters', wide(600)],
    ['characters that are escaped', quoted(600)],
    ['characters that are escaped at length', '\u0001'.repeat(600)],
  ])('an incident has room for all that becomes of it, in %s', async (_, text) => {
    const { ledger, largest } = await setUp();
    const { key } = longestIncident;
    await ledger.open(longestIncident, noon);
    await ledger.noteLeases(key, [group, { ...group, type: 'group-place', id: `${groupName}/100` }]);
    const story = longestStory(text);
    for (let n = 0; n < 3; n++) await ledger.noteBegun(key, begun, story, { instance: instanceId, group: groupName });
    await ledger.noteWhyOut(key, wide(5000));
    await ledger.noteOutSeen(key, noon);
    expect(await largest()).toBeLessThan(limits.item);
    expect(await ledger.close(longestOutcome(text))).toBe(true);
    await ledger.noteNotified(key, ['topic', 'chat', 'bus', 'metrics'] as never, noon);
    expect(await largest()).toBeLessThan(limits.item);
    expect((await ledger.read(key))?.outcome?.reason).toBe(wide(1000));
  });

  test('an incident keeps the newest of what was begun, and never so much that nothing may be begun any more', async () => {
    const { ledger } = await setUp();
    const own = incident();
    await ledger.open(own, noon);
    for (let attempt = 1; attempt <= 103; attempt++) await ledger.noteBegun(own.key, { ...begun, attempt }, [], null);
    const read = (await ledger.read(own.key))?.begun ?? [];
    expect(read.length).toBeLessThanOrEqual(100);
    expect(read.at(-1)?.attempt).toBe(103);
  });

  test('an incident that has grown too large all the same drops what is old, and goes on', async () => {
    const { client, TableName, ledger } = await setUp();
    const own = incident();
    const full = { L: Array.from({ length: 40 }, () => ({ S: JSON.stringify({ ...begun, action: 'x'.repeat(10_080) }) })) };
    const Item = { pk: { S: `v1#incident#${own.key}` }, incident: { S: JSON.stringify(own) }, begun: full };
    await client.send(new PutItemCommand({ TableName, Item }));
    await ledger.noteBegun(own.key, begun, longestStory('a line', 60), null);
    expect((await ledger.read(own.key))?.begun.map(({ action }) => action.length)).toEqual([begun.action.length]);
    await client.send(new PutItemCommand({ TableName, Item }));
    expect(await ledger.close({ ...longestOutcome(), incident: own.key })).toBe(true);
    expect((await ledger.read(own.key))?.outcome?.status).toBe('escalated');
  });

  test('a resource has room for every attempt that counts', async () => {
    const { ledger, largest } = await setUp();
    const one = { at: noon, action: 'stop-start-instance', incident: 'k'.repeat(64) };
    await ledger.acquire(group, one.incident, noon, noon + 60_000);
    await ledger.recordAttempt(
      group,
      one,
      Array.from({ length: 5000 }, (_, n) => ({ ...one, at: n })),
    );
    expect(await largest()).toBeLessThan(limits.item / 10);
    const lease = await ledger.acquire(group, one.incident, noon, noon + 60_000);
    expect(lease.acquired && lease.attempts.at(-1)).toEqual(one);
  });

  test('a group has room for every replacement that counts', async () => {
    const { ledger, largest } = await setUp();
    const earlier = Array.from({ length: 5000 }, () => ({ at: noon, key: 'k'.repeat(12), young: false }));
    await ledger.recordReplacement({ of: group, earlier, version: 0 }, { at: noon, key: 'key', young: true });
    expect(await largest()).toBeLessThan(limits.item / 5);
  });

  testWhole('what fails together has room for as many as are told apart, whatever their names', async () => {
    const { ledger, largest } = await setUp();
    const nameOf = (n: number) => `${n} ${wide(2000)}`;
    for (let n = 0; n <= 200; n++) {
      const { full } = await ledger.noteFailing(place, { id: nameOf(n), zone: wide(255), group: groupName }, noon, 300_000);
      expect(full).toBe(n >= 199);
    }
    // An item has five such slices.
    expect(5 * (await largest())).toBeLessThan(limits.item);
    const { failing } = await ledger.noteFailing(place, { id: 'i-0', zone: wide(255), group: groupName }, noon + 60_000, 300_000);
    expect(failing.filter((one) => one.group === groupName && one.zone === wide(255))).toHaveLength(201);
  });

  test('anything has a key that fits, however long its name is, and that nothing else has', async () => {
    const { ledger } = await setUp();
    const long = (end: string) => ({ ...group, type: 'alarm', id: `${wide(2000)}${end}` });
    expect(await ledger.acquire(long('a'), 'one', noon, noon + 60_000)).toMatchObject({ acquired: true });
    expect(await ledger.acquire(long('a'), 'two', noon, noon + 60_000)).toMatchObject({ acquired: false, holder: 'one' });
    expect(await ledger.acquire(long('b'), 'two', noon, noon + 60_000)).toMatchObject({ acquired: true });
    expect(await ledger.electReporter(wide(3000), 'one', noon, 60_000)).toBe(true);
    expect(await ledger.electReporter(wide(3000), 'two', noon, 60_000)).toBe(false);
    expect(await ledger.electReporter(`${wide(3000)}!`, 'two', noon, 60_000)).toBe(true);
    await ledger.noteImpaired(place, wide(2000), noon + 60_000);
  });

  test.each([wide(600), quoted(600), '\u0001'.repeat(600)])('a question has room for its story: %#', async (text) => {
    const { client, TableName, largest } = await setUp();
    const store = createApprovalStore(client, TableName);
    const approval = approvalOf(longestRequest(text), `https://${'p'.repeat(200)}/`);
    await store.add(approval);
    await store.decide(approval.id, { decision: 'approve', name: wide(80), from: 'f'.repeat(45), at: noon, mac: 'm'.repeat(64) });
    expect(await largest()).toBeLessThan(limits.item);
    expect((await store.read(approval.id))?.approval).toEqual(approval);
  });
});
