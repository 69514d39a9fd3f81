import { describe, expect, test } from '@jest/globals';
import { grownTo, iopsToName } from '../../shared/model/database-storage.ts';

describe('the storage of a database', () => {
  test.each<[number, number, number, number | null]>([
    [100, 0.1, 1000, 110],
    [100, 0.5, 1000, 150],
    [20, 0.1, 1000, 30],
    [205, 0.1, 1000, 226],
    [100, 0.5, 120, 120],
    [100, 0.5, 110, 110],
    [100, 0.1, 109, null],
    [205, 0.1, 225, null],
    [400, 0.1, 300, null],
  ])('of %d GiB grows by a share of %d, with at most %d GiB, to %j', (allocated, grow, atMost, expected) => {
    expect(grownTo(allocated, { grow, atMost })).toBe(expected);
  });

  test.each<[string, string, number, number | undefined, number | null | 'unknown']>([
    ['gp2', 'postgres', 100, undefined, null],
    ['gp2', 'sqlserver-se', 1000, undefined, null],
    ['gp3', 'postgres', 399, 3000, null],
    ['gp3', 'postgres', 400, 12_000, 12_000],
    ['gp3', 'oracle-ee', 200, 12_000, 12_000],
    ['gp3', 'oracle-ee', 199, 3000, null],
    ['gp3', 'sqlserver-se', 100, 3000, 'unknown'],
    ['io1', 'mysql', 100, 1000, 1000],
    ['io2', 'mysql', 100, undefined, 'unknown'],
    ['gp9', 'mysql', 100, 3000, 'unknown'],
  ])('of type %s of %s with %d GiB and %j IOPS names %j', (type, engine, allocated, iops, expected) => {
    expect(iopsToName({ type, engine, allocated, iops })).toBe(expected);
  });
});
