import { describe, expect, test } from '@jest/globals';
import { describeLag, describeReplica, lagIn } from '../../shared/model/replica.ts';
import { replica } from '../remediation/examples.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
/** One value a minute, the newest from a minute ago. */
const values = (...lags: number[]) => new Map(lags.map((lag, i) => [now - (lags.length - i) * 60_000, lag]));
const says = (...lags: number[]) => describeLag(lagIn(values(...lags), now));

describe('the lag of a replica', () => {
  test.each<[string, number[], string]>([
    ['grows', [0, 30, 60, 90], 'it is 90 s behind, 30 s more every minute'],
    ['shrinks, after a jump', [0, 2400, 2100, 1800], 'it is 1800 s behind, 300 s less every minute'],
    ['stays', [200, 201, 200, 200], 'it is 200 s behind, as before'],
    ['is that of Aurora', [0.02, 0.021, 0.02, 0.02], 'it is 0 s behind, as before'],
    ['has too few values for a trend', [10, 20], 'it is 20 s behind'],
    ['begins where replication did', [-1, -1, 5], 'it is 5 s behind'],
    ['is none where nothing is replicated', [10, 20, -1], 'its replication has stopped'],
    ["can't be read", [], "how far it is behind can't be read"],
  ])('%s', (_, lags, text) => {
    expect(says(...lags)).toBe(text);
  });

  test("can't be read from values that are old", () => {
    expect(lagIn(new Map([[now - 5 * 60_000, 3]]), now)).toEqual({ seconds: null, perMinute: null, stopped: false });
  });

  test('is told with what is replicated', () => {
    expect(describeReplica(replica({ source: { id: 'orders', state: 'failed' } }))).toBe(
      'a replica of orders, which is failed; it is 300 s behind, 30 s more every minute',
    );
    expect(describeReplica(replica({ source: { id: 'shop-0', state: 'unknown' }, reader: true }))).toContain(
      'a reader beside shop-0, which is in an unknown state',
    );
  });
});
