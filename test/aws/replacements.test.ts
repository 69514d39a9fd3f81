import { describe, expect, test } from '@jest/globals';
import { createReplacementLog, replacementKey } from '../../shared/aws/replacements.ts';
import { OutdatedError } from '../../shared/ports/replacements.ts';
import { noon } from '../remediation/examples.ts';
import { recordingClients, sdkError } from './recorder.ts';
import { emptyTable } from './table.ts';

const day = 86_400_000;
const group = { account: '123456789012', region: 'us-east-1', type: 'group', id: 'web' };
const one = (at = noon) => ({ at, key: `key ${at}`, young: false });
const setUp = async () => {
  const { client, TableName } = await emptyTable();
  return createReplacementLog(client, TableName);
};

describe('replacements', () => {
  test('are none to begin with, and remembered in their order', async () => {
    const log = await setUp();
    const none = await log.replacements(group);
    expect(none).toEqual({ of: group, earlier: [], version: 0 });
    await log.recordReplacement(none, one());
    const first = await log.replacements(group);
    await log.recordReplacement(first, { ...one(noon + 1), young: true });
    expect(await log.replacements(group)).toEqual({
      of: group,
      earlier: [one(), { ...one(noon + 1), young: true }],
      version: 2,
    });
  });

  test('of one instance in one incident are one, however often it is tried', async () => {
    const log = await setUp();
    const key = replacementKey('an incident', 'i-1');
    for (const at of [noon, noon + 1]) await log.recordReplacement(await log.replacements(group), { ...one(at), key });
    expect((await log.replacements(group)).earlier).toEqual([{ ...one(noon + 1), key }]);
    const others = [replacementKey('an incident', 'i-2'), replacementKey('another', 'i-1')];
    expect(new Set([key, ...others]).size).toBe(3);
  });

  test('that two begin at once are recorded for one of them, from the first one on', async () => {
    const log = await setUp();
    for (const round of [0, 1, 2]) {
      const known = await log.replacements(group);
      const both = await Promise.allSettled([0, 1].map((later) => log.recordReplacement(known, one(noon + 10 * round + later))));
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      for (const result of both) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(OutdatedError);
      expect((await log.replacements(group)).earlier).toHaveLength(round + 1);
    }
  });

  test('of one thing say nothing of another, nor of another place', async () => {
    const log = await setUp();
    await log.recordReplacement(await log.replacements(group), one());
    expect((await log.replacements({ ...group, type: 'target-group', id: 'web' })).earlier).toEqual([]);
    expect((await log.replacements({ ...group, region: 'eu-west-1' })).earlier).toEqual([]);
    expect((await log.replacements({ ...group, account: '1' })).earlier).toEqual([]);
  });

  test('are forgotten after eight days, and no sooner than any guard looks back', async () => {
    const log = await setUp();
    await log.recordReplacement(await log.replacements(group), one());
    await log.recordReplacement(await log.replacements(group), one(noon + 1 * day));
    await log.recordReplacement(await log.replacements(group), one(noon + 8 * day));
    expect((await log.replacements(group)).earlier.map(({ at }) => (at - noon) / day)).toEqual([1, 8]);
  });

  test('are kept by the thousand, the newest, so that they fit into one item', async () => {
    const log = await setUp();
    const earlier = Array.from({ length: 1200 }, (_, i) => one(noon + i));
    await log.recordReplacement({ of: group, earlier, version: 0 }, one(noon + 5000));
    const read = await log.replacements(group);
    expect(read.earlier).toHaveLength(1000);
    expect(read.earlier.at(-1)?.at).toBe(noon + 5000);
  });

  test('are read as they stand, and expire with their own time', async () => {
    const { clients, calls } = recordingClients(() => ({ output: {} }));
    const log = createReplacementLog(clients.dynamodb, 'ledger');
    await log.recordReplacement(await log.replacements(group), one());
    expect(calls[0]?.input.ConsistentRead).toBe(true);
    expect(calls[1]?.input.ExpressionAttributeValues).toMatchObject({ ':expiry': { N: String((noon + 8 * day) / 1000) } });
  });

  test('that the table refuses for other reasons throw as they are, and so do those that can not be read', async () => {
    const { clients } = recordingClients(() => sdkError('ThrottlingException', 400));
    const log = createReplacementLog(clients.dynamodb, 'ledger');
    await expect(log.recordReplacement({ of: group, earlier: [], version: 0 }, one())).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    const broken = recordingClients(() => ({ output: { Item: { replaced: { S: '[{"at": "yesterday"}]' } } } }));
    await expect(createReplacementLog(broken.clients.dynamodb, 'ledger').replacements(group)).rejects.toThrow();
  });
});
