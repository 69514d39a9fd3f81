import { afterAll, describe, expect, test } from '@jest/globals';
import { createCommonMasses } from '../../shared/aws/common-masses.ts';
import { ledgerPermissions } from '../../shared/aws/ledger.ts';
import type { Common, MassIn } from '../../shared/model/mass-failure-text.ts';
import { noon } from '../remediation/examples.ts';
import { dynaliteTable } from './dynalite.ts';
import { recordingClients, sdkError } from './recorder.ts';

const TableName = 'common-masses';
const { client, close } = await dynaliteTable(TableName);
afterAll(close);
const masses = createCommonMasses(client, TableName);

const minute = 60_000;
const limits = { windowMs: 5 * minute, quietMs: 10 * minute };
let regions = 0;
const newRegion = (): Common => ({ of: 'region', id: `us-east-${++regions}` });
const account = (n: number) => String(100_000_000_000 + n);
const mass = (n: number, count = 10): MassIn => ({ account: account(n), region: 'us-east-1', count, more: false, zone: null });
/** An incident of the nth account joins. */
const join = (common: Common, n: number, minutes = 0, incident = `i-${n}`) =>
  masses.joinMass(common, incident, mass(n), noon + minutes * minute, limits);
const take = (common: Common, minutes: number) => masses.takeUnreported(common, noon + minutes * minute, limits);
const accountsOf = (told: { places?: readonly MassIn[] } | null) => told?.places?.map((one) => one.account).sort();

describe('mass failures of several accounts', () => {
  test('are told by the first for itself, by the second for both, and by no third', async () => {
    const common = newRegion();
    expect(await join(common, 1)).toEqual({ role: 'first' });
    const second = await join(common, 2);
    expect([second.role, accountsOf(second as never)]).toEqual(['teller', [account(1), account(2)]]);
    for (const n of [3, 4, 5]) expect((await join(common, n)).role).toBe('quiet');
  });

  test('keep their roles when they ask again, and whoever tells names those that have come meanwhile', async () => {
    const common = newRegion();
    await join(common, 1);
    await join(common, 2);
    await join(common, 3, 0.5);
    expect(await join(common, 1, 0.8)).toEqual({ role: 'first' });
    const again = await join(common, 2, 0.8);
    expect([again.role, accountsOf(again as never)]).toEqual(['teller', [account(1), account(2), account(3)]]);
    // All are named: there is nothing left to tell.
    expect(await take(common, 6)).toBeNull();
  });

  test('of which fifty come at once have one first and one that tells', async () => {
    const common = newRegion();
    const roles = await Promise.all(Array.from({ length: 50 }, (_, n) => join(common, n)));
    const count = (role: string) => roles.filter((one) => one.role === role).length;
    expect([count('first'), count('teller'), count('quiet')]).toEqual([1, 1, 48]);
  });

  test('of one place alone are its own, however many of its zones and resources report', async () => {
    const common = newRegion();
    for (const incident of ['a', 'b', 'c']) expect(await join(common, 1, 0, incident)).toEqual({ role: 'first' });
  });

  test.each([
    [10, 'teller'],
    [10.01, 'first'],
  ])('count together for two windows: after %f minutes the next one is %s', async (minutes, role) => {
    const common = newRegion();
    await join(common, 1);
    expect((await join(common, 2, minutes)).role).toBe(role);
  });

  test('are over where only its own was noted lately, whoever else asked', async () => {
    const common = newRegion();
    await join(common, 1);
    await join(common, 2, 8);
    expect(await join(common, 2, 18)).toEqual({ role: 'first' });
  });

  test('have nothing in common with those of another region', async () => {
    await join(newRegion(), 1);
    expect(await join(newRegion(), 2)).toEqual({ role: 'first' });
  });
});

describe('what no message has named yet', () => {
  test('is told by whoever comes first once the window is over, and once', async () => {
    const common = newRegion();
    for (const n of [1, 2, 3, 4]) await join(common, n);
    expect(await masses.openMasses()).toContainEqual(common);
    expect(await take(common, 4.99)).toBeNull();
    const found = await Promise.all([5, 5, 5].map((minutes) => take(common, minutes)));
    const [told, ...others] = found.filter((one) => one !== null);
    expect(others).toEqual([]);
    // All of them are named, not only the new ones.
    expect(accountsOf(told ?? null)).toEqual([1, 2, 3, 4].map(account));
    expect(told?.unreported.toSorted()).toEqual([3, 4].map((n) => `${account(n)}/us-east-1`));
    expect(['i-3', 'i-4']).toContain(told?.incident);
    expect(await take(common, 20)).toBeNull();
    expect(await masses.openMasses()).not.toContainEqual(common);
  });

  test('is told at most once in a window, however many come', async () => {
    const common = newRegion();
    for (const n of [1, 2, 3]) await join(common, n);
    let told = 0;
    for (let minutes = 0; minutes < 60; minutes++) {
      if ((await join(common, 100 + minutes, minutes)).role === 'teller') told++;
      if (await take(common, minutes)) told++;
    }
    expect(told).toBe(11);
  });

  test('is told also where it was noted long ago', async () => {
    const common = newRegion();
    for (const n of [1, 2, 3]) await join(common, n);
    expect(accountsOf(await take(common, 100))).toEqual([account(3)]);
  });

  test('is told anew where that failed', async () => {
    const common = newRegion();
    for (const n of [1, 2, 3]) await join(common, n);
    const untold = await take(common, 5);
    if (!untold) throw new Error('there is nothing to tell');
    await masses.putBackUnreported(common, untold);
    expect(await take(common, 9)).toBeNull();
    expect(accountsOf(await take(common, 10))).toContain(account(3));
  });

  test('is kept by a beginning of the next, and told', async () => {
    const common = newRegion();
    for (const n of [1, 2, 3]) await join(common, n);
    expect(await join(common, 4, 11)).toEqual({ role: 'first' });
    expect(accountsOf(await take(common, 12))).toContain(account(3));
  });
});

test('they make the calls that the ledger says, and no others, and throw what the table says', async () => {
  const { clients, calls } = recordingClients(() => sdkError('AccessDeniedException', 400));
  const denied = createCommonMasses(clients.dynamodb, TableName);
  await expect(denied.joinMass(newRegion(), 'i', mass(1), noon, limits)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(denied.openMasses()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(denied.takeUnreported(newRegion(), noon, limits)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  for (const { permission } of calls) expect(ledgerPermissions).toContain(permission);
});

test('the first of all takes two writes, and no read', async () => {
  let writes = 0;
  const { clients, calls } = recordingClients(() => (writes++ === 0 ? sdkError('ConditionalCheckFailedException', 400) : { output: {} }));
  await createCommonMasses(clients.dynamodb, TableName).joinMass(newRegion(), 'i', mass(1), noon, limits);
  expect(calls.map(({ permission }) => permission)).toEqual(['dynamodb:UpdateItem', 'dynamodb:UpdateItem']);
});
