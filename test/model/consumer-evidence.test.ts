import { describe, expect, test } from '@jest/globals';
import { type ConsumerEvidence, judgeConsumer, lastGrowth, type Series } from '../../shared/model/consumer-evidence.ts';

const minute = 60_000;
const now = 10 * minute;
/** Values by the minute, from zero on. */
const series = (...values: number[]): Series => values.map((value, i) => ({ at: i * minute, value }));
const judge = (change: Partial<ConsumerEvidence>) =>
  judgeConsumer({ queue: 'orders', received: [], deleted: [], functions: [], named: null, ...change }, now);
const code = (change: Partial<ConsumerEvidence['functions'][number]> = {}) => ({
  name: 'shop',
  qualifier: null,
  enabled: true,
  invocations: series(1, 2),
  errors: series(0, 0),
  ...change,
});

describe('the evidence of a consumer', () => {
  test.each<[string, Partial<ConsumerEvidence>, string]>([
    ['a function without errors', { functions: [code()] }, 'healthy'],
    ['a function that has failed once', { functions: [code({ errors: series(0, 1) })] }, 'failing'],
    ['a function that was not invoked', { functions: [code({ invocations: [], errors: [] })] }, 'unseen'],
    ['a function whose errors are not known', { functions: [code({ errors: [] })] }, 'unknown'],
    ['a function that gets no messages', { functions: [code({ enabled: false })] }, 'unseen'],
    ['one of two functions that fails', { functions: [code(), code({ errors: series(3) })] }, 'failing'],
    ['another function that gets no messages', { functions: [code(), code({ enabled: false, errors: series(3) })] }, 'healthy'],
    ['a group that processes what it receives', { named: 'group/shop', received: series(10, 10), deleted: series(9, 10) }, 'healthy'],
    ['a group that processes hardly more than half', { named: 'group/shop', received: series(10, 10), deleted: series(2, 10) }, 'failing'],
    ['a group that receives nothing', { named: 'group/shop', received: series(0), deleted: series(0) }, 'unseen'],
    ['a group, without metrics', { named: 'group/shop' }, 'unknown'],
    ['a group, where only what is received is known', { named: 'group/shop', received: series(1) }, 'unknown'],
    ['nobody', { received: series(10), deleted: series(10) }, 'unseen'],
  ])('tells of %s', (_, evidence, state) => {
    expect(judge(evidence)).toMatchObject({ state });
  });

  test('says when it failed for the last time', () => {
    expect(judge({ functions: [code({ errors: series(1, 0, 2, 0) })] })).toMatchObject({ at: 2 * minute });
    expect(judge({ named: 'group/shop', received: series(9), deleted: series(0) })).toMatchObject({ at: now });
  });

  test('shows when a queue has grown', () => {
    expect(lastGrowth(series(3, 3, 2, 2))).toBeNull();
    expect(lastGrowth(series(3, 4, 4, 1))).toBe(minute);
    expect(lastGrowth([])).toBeNull();
  });
});
