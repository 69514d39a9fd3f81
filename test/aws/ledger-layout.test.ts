import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { createLedger } from '../../shared/aws/ledger.ts';
import { placedAt } from '../../shared/model/place.ts';
import { incident, noon } from '../remediation/examples.ts';
import { emptyTable } from './table.ts';

const setUp = async (...keys: string[]) => {
  const { client, TableName } = await emptyTable();
  for (const S of keys) await client.send(new PutItemCommand({ TableName, Item: { pk: { S } } }));
  const calls: string[] = [];
  const counting = {
    send: (command: { constructor: { name: string } }) => {
      calls.push(command.constructor.name);
      return client.send(command as never);
    },
  } as unknown as typeof client;
  return { ledger: () => createLedger(counting, TableName), calls };
};

describe('a ledger', () => {
  test.each(['incident#x', 'resource#instance/i-0a1b2c3d4e5f60718', 'sweep#executions', 'v2#lease#x'])(
    'with a key of another layout takes no incident: %s',
    async (pk) => {
      const { ledger } = await setUp('v1#incident#y', pk);
      const error = await ledger()
        .open(incident(), noon)
        .catch((refusal: unknown) => refusal);
      expect(error).toMatchObject({ name: 'IncompatibleLedgerError', message: expect.stringContaining(pk) });
    },
  );

  test('that is new, or has what intake has put there, is read through once and never again', async () => {
    const { ledger, calls } = await setUp('v1#inbox#x');
    const one = ledger();
    expect(await one.open(incident(), noon)).toBeNull();
    await one.open(incident({ at: 1 }), noon);
    await ledger().open(incident({ at: 2 }), noon);
    expect(calls.filter((name) => name === 'ScanCommand')).toHaveLength(1);
    expect(calls.filter((name) => name === 'GetItemCommand')).toHaveLength(2);
  });

  test('keeps resources of one name in two accounts or regions apart', async () => {
    const ledger = (await setUp()).ledger();
    const group = { type: 'group', id: 'web' };
    const places = [
      { account: '123456789012', region: 'us-east-1' },
      { account: '123456789012', region: 'eu-west-1' },
      { account: '999999999999', region: 'us-east-1' },
    ];
    for (const [n, place] of places.entries()) {
      const what = placedAt(place, group);
      expect(await ledger.acquire(what, `incident-${n}`, noon, noon + 60_000)).toEqual({ acquired: true, attempts: [] });
      await ledger.recordAttempt(what, { at: noon, action: 'scale-out', incident: `incident-${n}` }, []);
    }
    expect(await ledger.holderOf(placedAt({ account: '123456789012', region: 'eu-west-1' }, group), noon)).toBe('incident-1');
  });
});
