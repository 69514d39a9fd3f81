import { describe, expect, test } from '@jest/globals';
import { describeUsage, type UsageMetric } from '../../shared/model/database-usage.ts';
import { noon } from '../remediation/examples.ts';

const minute = 60_000;
const gib = 1024 ** 3;
/** By minutes ago. */
const series = (of: (ago: number) => number | undefined, most = 90): Map<number, number> =>
  new Map(
    Array.from({ length: most }, (_, i) => [noon - (i + 1) * minute, of(i + 1)] as const).filter(
      (one): one is readonly [number, number] => one[1] !== undefined,
    ),
  );
const steady: Record<UsageMetric, number> = {
  DatabaseConnections: 20,
  CPUUtilization: 5,
  FreeableMemory: 8 * gib,
  SwapUsage: 0,
  ReadIOPS: 50,
  WriteIOPS: 50,
  DiskQueueDepth: 0.1,
};
const told = (change: Partial<Record<UsageMetric, (ago: number) => number | undefined>>, most = 90): string => {
  const metrics = Object.entries(steady) as [UsageMetric, number][];
  return describeUsage(new Map(metrics.map(([metric, value]) => [metric, series(change[metric] ?? (() => value), most)])), noon);
};

describe('what a database has used', () => {
  test('is told with what has changed most first, and in which direction', () => {
    const text = told({
      CPUUtilization: (ago) => (ago <= 5 ? 60 : 5),
      DatabaseConnections: (ago) => (ago <= 5 ? 1802 : 20),
      FreeableMemory: (ago) => (ago === 3 ? 0.5 * gib : ago < 3 ? 4 * gib : 8 * gib),
    });
    expect(text).toBe(
      'the last 30 min beside the hour before: DatabaseConnections up to 1802 (20 before), FreeableMemory down to 512 MiB (8 GiB before), 4 GiB now, CPUUtilization up to 60 % (5 % before); much as before: SwapUsage 0 MiB, ReadIOPS 50, WriteIOPS 50, DiskQueueDepth 0.1',
    );
  });

  test('has half an hour of its own: what was before belongs to the hour before', () => {
    expect(told({ DatabaseConnections: (ago) => (ago === 30 ? 1802 : 20) })).toContain(
      'DatabaseConnections up to 1802 (20 before), 20 now',
    );
    expect(told({ DatabaseConnections: (ago) => (ago === 31 ? 1802 : 20) })).toContain('DatabaseConnections up to 20 (1802 before)');
  });

  test('takes what is next to nothing before and after for no change', () => {
    expect(told({ DiskQueueDepth: (ago) => (ago <= 5 ? 0.9 : 0.001) })).not.toContain('DiskQueueDepth up to');
    expect(told({ SwapUsage: (ago) => (ago <= 5 ? 300 * 1024 ** 2 : 0) })).toContain('SwapUsage up to 300 MiB (0 MiB before)');
  });

  test('names what it does not know, and guesses nothing', () => {
    expect(told({ SwapUsage: () => undefined })).toMatch(/; can't be read: SwapUsage$/);
    expect(told({}, 20)).toContain('DatabaseConnections up to 20 (not known before)');
    expect(describeUsage(new Map(), noon)).toBe(
      "the last 30 min beside the hour before: can't be read: DatabaseConnections, CPUUtilization, FreeableMemory, SwapUsage, ReadIOPS, WriteIOPS, DiskQueueDepth",
    );
  });
});
