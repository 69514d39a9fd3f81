import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from '@jest/globals';
import { countingPermissions, createFailureCorrelation } from '../../shared/aws/failure-correlation.ts';
import { ledgerPermissions } from '../../shared/aws/ledger.ts';
import type { Failing } from '../../shared/ports/failure-correlation.ts';
import { noon } from '../remediation/examples.ts';
import { dynaliteTable } from './dynalite.ts';
import { recordingClients, sdkError } from './recorder.ts';

const TableName = 'ledger';
const minute = 60_000;
const window = 5 * minute;
const { client, close } = await dynaliteTable(TableName);
const watch = createFailureCorrelation(client, TableName);
afterAll(close);

let places = 0;
/** A region that no other test has. */
const newPlace = () => ({ account: '123456789012', region: `us-east-${++places}` });
const instance = (id: string, change: Partial<Failing> = {}): Failing => ({ id, zone: 'us-east-1a', group: null, ...change });
const idsOf = ({ failing }: { failing: readonly Failing[] }) => failing.map(({ id }) => id).sort();
const itemsOf = async ({ account, region }: { account: string; region: string }) =>
  ((await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? []).filter(({ pk }) =>
    pk?.S?.startsWith(`v1#failing#${account}/${region}#`),
  );

describe('what fails together', () => {
  test('bears names with anything in them', async () => {
    const place = newPlace();
    const odd = { zone: null, group: `"; | #\u{1f525} \\${'x'.repeat(300)}` };
    await watch.noteFailing(place, instance('a', odd), noon, window);
    const { failing } = await watch.noteFailing(place, instance('b', odd), noon, window);
    // Whoever is in the same group knows it again.
    expect(failing.map(({ group }) => group)).toEqual([odd.group, odd.group]);
    const elsewhere = await watch.noteFailing(place, instance('c', { group: `${odd.group}y` }), noon, window);
    expect(elsewhere.failing.filter(({ group }) => group === `${odd.group}y`)).toHaveLength(1);
  });

  test('is full where more fail than are told apart, and stays small', async () => {
    const place = newPlace();
    for (let i = 0; i < 200; i++) await watch.noteFailing(place, instance(`i-${i}`), noon, window);
    const seen = await watch.noteFailing(place, instance('one-more'), noon, window);
    expect(seen.full).toBe(true);
    expect(idsOf(seen)).toContain('one-more');
    expect(JSON.stringify(await itemsOf(place)).length).toBeLessThan(20_000);
  });

  test('stands in an item for each window, which expires by itself and needs nobody to clean it', async () => {
    const place = newPlace();
    for (let i = 0; i < 10; i++) await watch.noteFailing(place, instance(`i-${i}`), noon + i * 10 * minute, window);
    const items = await itemsOf(place);
    expect(items).toHaveLength(10);
    for (const { expiresAt, ...item } of items) {
      expect(Object.keys(item)).toHaveLength(2);
      expect(Number(expiresAt?.N) * 1000).toBeLessThanOrEqual(noon + 90 * minute + 48 * 60 * minute);
    }
  });

  test('is counted by what the next window has, however full the last one is', async () => {
    const place = newPlace();
    const tooLarge = Object.assign(new Error('Item size to update has exceeded the maximum allowed size'), { name: 'ValidationException' });
    const { clients } = recordingClients((permission) =>
      permission.endsWith('UpdateItem') ? tooLarge : { output: { Responses: { [TableName]: [] } } },
    );
    const own = createFailureCorrelation(clients.dynamodb, TableName);
    expect(idsOf(await own.noteFailing(place, instance('a'), noon, window))).toEqual(['a']);
  });

  test('costs two calls', async () => {
    const { clients, calls } = recordingClients(() => ({ output: { Responses: { [TableName]: [] } } }));
    await createFailureCorrelation(clients.dynamodb, TableName).noteFailing(newPlace(), instance('a'), noon, window);
    expect(calls.map(({ permission }) => permission)).toEqual(['dynamodb:UpdateItem', 'dynamodb:BatchGetItem']);
  });

  test('asks again for what did not come, and finds nothing out rather than too little', async () => {
    const Keys = [{ pk: { S: 'x' } }];
    const { clients, calls } = recordingClients(() => ({
      output: { Responses: { [TableName]: [] }, UnprocessedKeys: { [TableName]: { Keys } } },
    }));
    const throttled = createFailureCorrelation(clients.dynamodb, TableName).noteFailing(newPlace(), instance('a'), noon, window);
    await expect(throttled).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    expect(calls.length).toBeGreaterThan(2);
    const empty = recordingClients(() => ({ output: {} }));
    await expect(
      createFailureCorrelation(empty.clients.dynamodb, TableName).noteFailing(newPlace(), instance('a'), noon, window),
    ).rejects.toThrow('an empty result');
  });

  test('throws what the table says, rather than find nothing', async () => {
    const { clients } = recordingClients(() => sdkError('AccessDeniedException', 400));
    const denied = createFailureCorrelation(clients.dynamodb, TableName);
    await expect(denied.noteFailing(newPlace(), instance('a'), noon, window)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(denied.electReporter('x', 'a', noon, window)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('what has opted in', () => {
  const counted = { all: 1200, zones: { 'us-east-1a': 400, 'us-east-1b': 800 } };
  const seenAt = async (place: { account: string; region: string }, at: number) =>
    (await watch.noteFailing(place, instance('a'), at, window)).optedIn;

  test('is known for a day after it was counted, and only where it was', async () => {
    const place = newPlace();
    expect([await seenAt(place, noon), await watch.optedInCountedAt(place)]).toEqual([undefined, null]);
    await watch.noteOptedIn(place, counted, noon);
    expect(await watch.optedInCountedAt(place)).toBe(noon);
    expect(await seenAt(place, noon)).toEqual(counted);
    expect(await seenAt(place, noon + 24 * 60 * minute)).toEqual(counted);
    expect(await seenAt(place, noon + 24 * 60 * minute + 1)).toBeUndefined();
    expect(await seenAt(newPlace(), noon)).toBeUndefined();
  });

  test('is what was counted last', async () => {
    const place = newPlace();
    await watch.noteOptedIn(place, counted, noon);
    await watch.noteOptedIn(place, { all: 3, zones: {} }, noon + minute);
    expect(await seenAt(place, noon + minute)).toEqual({ all: 3, zones: {} });
  });

  test.each([
    ['was counted by a clock that is ahead', { optedIn: { S: JSON.stringify(counted) }, countedAt: { N: String(noon + 3 * minute) } }],
    ['has no time', { optedIn: { S: JSON.stringify(counted) } }],
    ['is no JSON', { optedIn: { S: '{' }, countedAt: { N: String(noon) } }],
    ['is no count', { optedIn: { S: '{"all":-1,"zones":{}}' }, countedAt: { N: String(noon) } }],
  ])('is not known where it %s', async (_, item) => {
    const place = newPlace();
    const pk = { S: `v1#opted-in#${place.account}/${place.region}#instances` };
    await client.send(new PutItemCommand({ TableName, Item: { pk, ...item } }));
    expect(await seenAt(place, noon)).toBeUndefined();
  });
});

describe('an impaired zone', () => {
  test('is known until its time is over, and only where it is', async () => {
    const place = newPlace();
    await watch.noteImpaired(place, 'use1-az1', noon + 60 * minute);
    const at = async (minutes: number) =>
      (await watch.noteFailing(place, instance('a'), noon + minutes * minute, window, ['us-east-1a', 'use1-az1'])).impaired;
    expect([await at(0), await at(59), await at(60)]).toEqual([['use1-az1'], ['use1-az1'], []]);
    expect((await watch.noteFailing(place, instance('a'), noon, window, ['use1-az2'])).impaired).toEqual([]);
    expect((await watch.noteFailing(newPlace(), instance('a'), noon, window, ['use1-az1'])).impaired).toEqual([]);
    await watch.clearImpaired(place, 'use1-az1');
    expect(await at(0)).toEqual([]);
  });

  test('is known for longer once it is told again', async () => {
    const place = newPlace();
    for (const minutes of [10, 90]) await watch.noteImpaired(place, 'us-east-1b', noon + minutes * minute);
    expect((await watch.noteFailing(place, instance('a'), noon + 60 * minute, window, ['us-east-1b'])).impaired).toEqual(['us-east-1b']);
  });
});

test('they make the calls that the ledger says, and no others', async () => {
  const full = sdkError('ConditionalCheckFailedException', 400);
  const { clients, calls } = recordingClients((permission) =>
    permission.endsWith('UpdateItem') ? full : { output: { Responses: { [TableName]: [] } } },
  );
  const own = createFailureCorrelation(clients.dynamodb, TableName);
  await own.noteFailing(newPlace(), instance('a'), noon, window);
  await expect(own.noteImpaired(newPlace(), 'z', noon)).rejects.toBe(full);
  await expect(own.electReporter('x', 'a', noon, window)).rejects.toBe(full);
  for (const { permission } of calls) expect([...ledgerPermissions, ...countingPermissions]).toContain(permission);
});

test('that another incident tells it costs one write, and noting so keeps it going', async () => {
  let writes = 0;
  const send = (command: never) => {
    writes++;
    return client.send(command);
  };
  const counting = { send } as unknown as typeof client;
  const own = createFailureCorrelation(counting, TableName);
  const asked = async (incident: string, at: number) => {
    writes = 0;
    return [await own.electReporter('many', incident, at, window), writes];
  };
  expect(await asked('a', noon)).toEqual([true, 2]);
  expect(await asked('b', noon + minute)).toEqual([false, 1]);
  expect(await asked('c', noon + 5 * minute)).toEqual([false, 1]);
  expect(await asked('d', noon + 9 * minute)).toEqual([false, 1]);
  expect(await asked('e', noon + 15 * minute)).toEqual([true, 2]);
});
