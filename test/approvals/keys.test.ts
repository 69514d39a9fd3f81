import { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { cachedKeys, readKeys, type SigningKeys } from '../../shared/approvals/keys.ts';
import { type Answer, recordingClients, sdkError } from '../aws/recorder.ts';

const key = 'k'.repeat(64);

const ssmThat = (answer: Answer) => {
  const { calls, config, watch } = recordingClients(() => answer);
  return { calls, ssm: watch(new SSMClient(config as never)) };
};
const holding = (value: unknown) =>
  ssmThat({ output: { Parameter: { Value: typeof value === 'string' ? value : JSON.stringify(value) } } });

describe('the signing keys', () => {
  test('are read out of the secret by way of Parameter Store, decrypted', async () => {
    const { ssm, calls } = holding({ previous: '', current: key });
    expect(await readKeys(ssm, 'approval-key')).toEqual({ current: key, previous: null });
    expect(calls.map(({ input }) => input)).toEqual([{ Name: '/aws/reference/secretsmanager/approval-key', WithDecryption: true }]);
  });

  test('are two after a rotation', async () => {
    const previous = 'p'.repeat(64);
    expect(await readKeys(holding({ previous, current: key }).ssm, 'k')).toEqual({ current: key, previous });
  });

  test.each([
    ['no JSON', key],
    ['nothing', ''],
    ['no current key', { previous: key }],
    ['a key too short to be one', { current: 'k'.repeat(31) }],
    ['a previous key too short to be one', { current: key, previous: 'short' }],
    ['another kind of value', { current: 1 }],
  ])('are an error where there is %s, which does not show the value', async (_, value) => {
    const reading = readKeys(holding(value).ssm, 'k');
    await expect(reading).rejects.toThrow('the secret with the signing keys');
    await expect(reading).rejects.not.toThrow(/kkk/);
  });

  test('are an error where they may not be read', async () => {
    await expect(readKeys(ssmThat(sdkError('AccessDeniedException', 400)).ssm, 'k')).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('are read once in half a minute at most, and again after a failure', async () => {
    let now = 0;
    let reads = 0;
    let works = false;
    const read = async (): Promise<SigningKeys> => {
      reads++;
      if (!works) throw new Error('not now');
      return { current: `${key}${reads}`, previous: null };
    };
    const cached = cachedKeys(read, () => now);
    await expect(cached()).rejects.toThrow('not now');
    works = true;
    expect((await cached()).current).toBe(`${key}2`);
    now = 29_999;
    expect((await cached()).current).toBe(`${key}2`);
    now = 30_000;
    expect((await cached()).current).toBe(`${key}3`);
    expect(reads).toBe(3);
  });
});
