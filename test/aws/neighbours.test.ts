import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, test } from '@jest/globals';
import { countingPermissions, createNeighbourWatch } from '../../shared/aws/failure-correlation.ts';
import { ledgerPermissions } from '../../shared/aws/ledger.ts';
import type { Failing } from '../../shared/ports/failure-correlation.ts';
import { noon } from '../remediation/examples.ts';
import { dynaliteTable } from './dynalite.ts';
import { recordingClients, sdkError } from './recorder.ts';

const TableName = 'ledger';
const minute = 60_000;
const window = 5 * minute;
const { client, close } = await dynaliteTable(TableName);
const watch = createNeighbourWatch(client, TableName);
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
  test('is the resource alone at first', async () => {
    expect(await watch.noteFailing(newPlace(), instance('a'), noon, window)).toEqual({
      failing: [instance('a')],
      full: false,
      impaired: [],
    });
  });

  test('is all that failed within the window, each once, with where it is', async () => {
    const place = newPlace();
    await watch.noteFailing(place, instance('a', { group: 'web' }), noon, window);
    await watch.noteFailing(place, instance('b', { zone: null }), noon + 2 * minute, window);
    await watch.noteFailing(place, instance('b', { zone: null }), noon + 3 * minute, window);
    const { failing } = await watch.noteFailing(place, instance('c'), noon + 4 * minute, window);
    expect([...failing].sort((x, y) => x.id.localeCompare(y.id))).toEqual([
      instance('a', { group: 'web' }),
      instance('b', { zone: null }),
      instance('c'),
    ]);
  });

  test('is nothing that failed before', async () => {
    const place = newPlace();
    await watch.noteFailing(place, instance('a'), noon, window);
    expect(idsOf(await watch.noteFailing(place, instance('b'), noon + 8 * minute, window))).toEqual(['b']);
  });

  test('is nothing that failed in another account or region', async () => {
    await watch.noteFailing(newPlace(), instance('a'), noon, window);
    expect(idsOf(await watch.noteFailing(newPlace(), instance('b'), noon, window))).toEqual(['b']);
  });

  test('is counted when all come at once', async () => {
    const place = newPlace();
    const ids = Array.from({ length: 20 }, (_, i) => `i-${i}`);
    const seen = await Promise.all(ids.map((id) => watch.noteFailing(place, instance(id), noon, window)));
    expect(Math.max(...seen.map(({ failing }) => failing.length))).toBe(20);
    expect(idsOf(await watch.noteFailing(place, instance('i-0'), noon, window))).toEqual([...ids].sort());
  });

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

  test('loses nothing to clocks that are two minutes apart, whichever is ahead', async () => {
    for (const window of [minute, 5 * minute, 60 * minute]) {
      for (const ahead of [-2 * minute, 2 * minute]) {
        const place = newPlace();
        // By a right clock the first fails at noon, and the others until just before the window is over.
        await watch.noteFailing(place, instance('a'), noon + ahead, window);
        await watch.noteFailing(place, instance('b'), noon + 0.7 * window, window);
        expect(idsOf(await watch.noteFailing(place, instance('c'), noon + 0.79 * window, window))).toEqual(['a', 'b', 'c']);
      }
    }
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
    const own = createNeighbourWatch(clients.dynamodb, TableName);
    expect(idsOf(await own.noteFailing(place, instance('a'), noon, window))).toEqual(['a']);
  });

  test('costs two calls', async () => {
    const { clients, calls } = recordingClients(() => ({ output: { Responses: { [TableName]: [] } } }));
    await createNeighbourWatch(clients.dynamodb, TableName).noteFailing(newPlace(), instance('a'), noon, window);
    expect(calls.map(({ permission }) => permission)).toEqual(['dynamodb:UpdateItem', 'dynamodb:BatchGetItem']);
  });

  test('asks again for what did not come, and finds nothing out rather than too little', async () => {
    const Keys = [{ pk: { S: 'x' } }];
    const { clients, calls } = recordingClients(() => ({
      output: { Responses: { [TableName]: [] }, UnprocessedKeys: { [TableName]: { Keys } } },
    }));
    const throttled = createNeighbourWatch(clients.dynamodb, TableName).noteFailing(newPlace(), instance('a'), noon, window);
    await expect(throttled).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    expect(calls.length).toBeGreaterThan(2);
    const empty = recordingClients(() => ({ output: {} }));
    await expect(
      createNeighbourWatch(empty.clients.dynamodb, TableName).noteFailing(newPlace(), instance('a'), noon, window),
    ).rejects.toThrow('an empty result');
  });

  test('throws what the table says, rather than find nothing', async () => {
    const { clients } = recordingClients(() => sdkError('AccessDeniedException', 400));
    const denied = createNeighbourWatch(clients.dynamodb, TableName);
    await expect(denied.noteFailing(newPlace(), instance('a'), noon, window)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(denied.tells('x', 'a', noon, window)).rejects.toMatchObject({ name: 'AccessDeniedException' });
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

describe('what many have in common', () => {
  let matters = 0;
  const newMatter = () => `matter ${++matters}`;

  test('is told by the first who asks, who stays the one who tells', async () => {
    const matter = newMatter();
    expect(await watch.tells(matter, 'a', noon, window)).toBe(true);
    expect(await watch.tells(matter, 'b', noon, window)).toBe(false);
    expect(await watch.tells(matter, 'a', noon + minute, window)).toBe(true);
  });

  test('is told by one of those who ask at once', async () => {
    const matter = newMatter();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => watch.tells(matter, `i-${i}`, noon, window)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test('goes on as long as somebody asks, and is told anew once it was over', async () => {
    const matter = newMatter();
    await watch.tells(matter, 'a', noon, window);
    expect(await watch.tells(matter, 'b', noon + 4 * minute, window)).toBe(false);
    expect(await watch.tells(matter, 'c', noon + 8 * minute, window)).toBe(false);
    expect(await watch.tells(matter, 'd', noon + 14 * minute, window)).toBe(true);
    expect(await watch.tells(matter, 'e', noon + 14 * minute, window)).toBe(false);
  });

  test('is not what others have in common', async () => {
    expect(await watch.tells(newMatter(), 'a', noon, window)).toBe(true);
    expect(await watch.tells(newMatter(), 'b', noon, window)).toBe(true);
  });
});

test('they make the calls that the ledger says, and no others', async () => {
  const full = sdkError('ConditionalCheckFailedException', 400);
  const { clients, calls } = recordingClients((permission) =>
    permission.endsWith('UpdateItem') ? full : { output: { Responses: { [TableName]: [] } } },
  );
  const own = createNeighbourWatch(clients.dynamodb, TableName);
  await own.noteFailing(newPlace(), instance('a'), noon, window);
  await expect(own.noteImpaired(newPlace(), 'z', noon)).rejects.toBe(full);
  await expect(own.tells('x', 'a', noon, window)).rejects.toBe(full);
  for (const { permission } of calls) expect([...ledgerPermissions, ...countingPermissions]).toContain(permission);
});
