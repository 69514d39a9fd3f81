import { describe, expect, test } from '@jest/globals';
import type { Call, Interceptor } from '#local-aws';
import { createIdleSweeps } from '../../local/testbed/idle-sweeps.ts';
import { keyOf } from '../../shared/aws/ledger-keys.ts';

const callOf = (operation: string, input: Record<string, unknown> = {}): Call => ({
  service: 'dynamodb',
  operation,
  input,
  context: { now: 0, requestId: '1', account: '111122223333', region: 'us-east-1', accessKey: 'selfheal', userAgent: '' },
});

const reliable = { stale: false, fails: () => false };

type Given = { makes: Call[]; finds: number; meddles: Interceptor['after']; stale: boolean; fails: boolean };

/** How many of the sweeps were carried out. `makes` are the calls between two of them, `finds` what they find. */
const carriedOut = async (
  sweeps: number,
  { makes = [], finds = 0, meddles, stale = false, fails = false }: Partial<Given> = {},
): Promise<number> => {
  const idle = createIdleSweeps(meddles ? [{ after: meddles }] : [], { stale, fails: () => fails });
  const make = (call: Call) => {
    for (const { before } of idle.interceptors) before?.(call);
    for (const { after } of idle.interceptors) after?.(call);
  };
  let done = 0;
  for (let i = 0; i < sweeps; i++) {
    await idle.sweep(async () => {
      done++;
      make(callOf('Query'));
      return { out: finds, notified: 0 };
    });
    for (const call of makes) make(call);
  }
  return done;
};

describe('a sweep for what is out of service', () => {
  test('that found nothing is not repeated as long as nobody writes to the ledger', async () => {
    expect(await carriedOut(5)).toBe(1);
    expect(await carriedOut(5, { makes: [callOf('GetItem'), callOf('Query'), { ...callOf('PutItem'), service: 'events' }] })).toBe(1);
  });

  test.each(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])('is repeated after %s', async (operation) => {
    expect(await carriedOut(5, { makes: [callOf(operation)] })).toBe(5);
  });

  test('is repeated as long as it finds anything, and where an answer is meddled with, may be stale, or may be an error', async () => {
    expect(await carriedOut(5, { finds: 1 })).toBe(5);
    expect(await carriedOut(5, { meddles: () => 'empty' })).toBe(5);
    expect(await carriedOut(5, { stale: true })).toBe(5);
    expect(await carriedOut(5, { fails: true })).toBe(5);
  });

  test('is repeated for ever once anything was paused, since a pause ends by the clock alone', async () => {
    const idle = createIdleSweeps([], reliable);
    for (const { before } of idle.interceptors) before?.(callOf('UpdateItem', { Key: keyOf('pauses', 'resources') }));
    let done = 0;
    for (let i = 0; i < 3; i++) await idle.sweep(async () => ({ out: 0, done: ++done }));
    expect(done).toBe(3);
  });

  test('is repeated where it failed, or where somebody wrote while it looked', async () => {
    const idle = createIdleSweeps([], reliable);
    await expect(idle.sweep(() => Promise.reject(new Error('throttled')))).rejects.toThrow('throttled');
    let done = 0;
    const writing = async () => {
      done++;
      if (done === 1) for (const { after } of idle.interceptors) after?.(callOf('UpdateItem'));
      return { out: 0 };
    };
    for (let i = 0; i < 4; i++) await idle.sweep(writing);
    expect(done).toBe(2);
  });

  test('is carried out again from the moment on at which calls to the ledger may fail', async () => {
    let fails = false;
    const idle = createIdleSweeps([], { stale: false, fails: () => fails });
    let done = 0;
    const sweep = () => idle.sweep(async () => ({ out: 0, done: ++done }));
    await sweep();
    await sweep();
    expect(done).toBe(1);
    fails = true;
    await sweep();
    await sweep();
    expect(done).toBe(3);
  });
});
