import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ClusterMembers, heirOf, whyNoWriter } from '../../shared/model/cluster-members.ts';
import { clusterMembers } from '../remediation/examples.ts';

type Reader = ClusterMembers['readers'][number];
const reader = (id: string, change: Partial<Reader> = {}): Reader => ({
  id,
  state: 'available',
  availabilityZone: 'us-east-1b',
  lag: 20,
  ...change,
});
const heir = (...readers: Reader[]) => heirOf(clusterMembers({ readers }));

describe('the heir of a writer', () => {
  test('is the reader that is the least behind', () => {
    expect(heir(reader('shop-1', { lag: 30 }), reader('shop-2'))).toMatchObject({ id: 'shop-2', lag: 20 });
    expect(heir(reader('shop-1', { lag: null }), reader('shop-2'))).toMatchObject({ id: 'shop-2' });
  });

  test.each<[string, Reader[], RegExp]>([
    ['there are no readers', [], /no reader/],
    ['all are in its own zone', [reader('shop-1', { availabilityZone: 'us-east-1a' })], /no reader in another zone/],
    ['none is up', [reader('shop-1', { state: 'rebooting' }), reader('shop-2', { state: 'unknown' })], /no reader/],
    ['all are behind', [reader('shop-1', { lag: 1000 }), reader('shop-2', { lag: 30_000 })], /shop-1 is 1 s behind/],
    ['no lag can be read', [reader('shop-1', { lag: null }), reader('shop-2', { lag: -1 })], /shop-1, shop-2 is behind can't be read/],
  ])('is nobody where %s', (_, readers, why) => {
    expect(heir(...readers)).toEqual({ why: expect.stringMatching(why) });
  });

  test('is never one that is behind, of unknown lag, down, or in the zone of the writer', () => {
    const any = fc.record<Reader>({
      id: fc.constantFrom('shop-1', 'shop-2', 'shop-3'),
      state: fc.constantFrom('available', 'rebooting', 'failed', 'unknown'),
      availabilityZone: fc.constantFrom('us-east-1a', 'us-east-1b'),
      lag: fc.option(fc.integer({ min: -1, max: 3000 })),
    });
    fc.assert(
      fc.property(fc.uniqueArray(any, { maxLength: 3, selector: ({ id }) => id }), (readers) => {
        const found = heir(...readers);
        if (!('id' in found)) return;
        const own = readers.find(({ id }) => id === found.id);
        expect(own).toMatchObject({ state: 'available', availabilityZone: 'us-east-1b' });
        expect(own?.lag).toBeGreaterThanOrEqual(0);
        expect(own?.lag).toBeLessThan(1000);
      }),
    );
  });
});

test.each<[Partial<NonNullable<ClusterMembers['writer']>> | null, RegExp | null]>([
  [{ silentSince: null }, null],
  [{}, /has no metrics/],
  [{ state: 'failed', silentSince: null }, /is failed/],
  [{ state: 'unknown' }, /unknown state/],
  [null, /no writer/],
])('a writer %j serves unless %j', (change, why) => {
  const { writer } = clusterMembers();
  const seen = whyNoWriter(clusterMembers({ writer: change === null || !writer ? null : { ...writer, ...change } }));
  expect(seen).toEqual(why === null ? null : expect.stringMatching(why));
});
