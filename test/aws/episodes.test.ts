import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { createLedger } from '../../shared/aws/ledger.ts';
import { placedKeyOf } from '../../shared/aws/ledger-keys.ts';
import { emptyTable } from './table.ts';

const place = { account: '123456789012', region: 'us-east-1' };
const matter = 'launch-failed of group web';

describe('an episode in the ledger', () => {
  test.each([
    ['has none of its figures', {}],
    ['has text for a figure', { openedAt: { N: '1000' }, lastAt: { S: 'noon' }, joined: { N: '2' } }],
  ])('that %s is one of long ago', async (_, figures) => {
    const { client, TableName } = await emptyTable();
    const Item = { ...placedKeyOf('episode', place, matter), opener: { S: 'the-first' }, ...figures };
    await client.send(new PutItemCommand({ TableName, Item }));
    const episode = await createLedger(client, TableName).readEpisode(place, matter);
    expect(episode).toEqual({ opener: 'the-first', openedAt: 0, lastAt: 0, joined: 0 });
  });
});
