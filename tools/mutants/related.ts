import { basename, dirname } from 'node:path';
import { rooms } from '../docs/floor-plan.ts';
import type { Imports } from './imports.ts';
import type { Coverage } from './worker.ts';

/** So many test files that are nearest to a file are asked about it, and those that go from end to end. */
const nearest = 14;

/** Whole treatments, by the guards, the core and the entry points. */
const endToEnd: readonly string[] = [
  'test/remediation/end-to-end.test.ts',
  'test/functions/intake.test.ts',
  'test/functions/remediate.test.ts',
  'test/testbed/durable.test.ts',
  'test/composite.test.ts',
  'test/crash.test.ts',
];

/** They take many seconds, are asked about nothing but the files of their name, and are not slowed down by a look at what they run. */
export const long: readonly string[] = [
  'test/remediation/drain-worlds.test.ts',
  'test/guards/end-to-end.test.ts',
  'test/remediation/golden.test.ts',
];

/** About the project as a whole: its pages, its layout, its package. */
const ofTheProject =
  /^test\/(check-policy|demo|docs|invoke-\w+|layers|layout|modules|newcomer|pages|regexes|release|runbooks|template)\.test\.ts$/;

/** Those of a room, and of several; what tests the command line or whole worlds takes long, and says little of one line. */
const isUnitTest = (test: string): boolean =>
  rooms.some((room) => test.startsWith(`test/${room}/`)) ||
  test.startsWith('test/functions/') ||
  (/^test\/[\w-]+\.test\.ts$/.test(test) && !ofTheProject.test(test));

const folderOf = (path: string): string => dirname(path).split('/').slice(1).join('/');

/**
 * Test files for a file, the likeliest to notice something first: the one of its name, then by the steps from import to import; one of
 * another folder counts as a step further.
 */
export const relatedTests = (file: string, tests: readonly string[], imports: Imports): string[] => {
  const steps = imports.importersOf(file);
  const distance = (test: string): number => {
    if (basename(test) === `${basename(file, '.ts')}.test.ts`) return folderOf(test) === folderOf(file) ? -2 : -1;
    return (steps.get(test) ?? Number.POSITIVE_INFINITY) + (folderOf(test) === folderOf(file) ? 0 : 1);
  };
  const near = tests
    .filter(isUnitTest)
    .map((test) => ({ test, far: distance(test) }))
    .filter(({ test, far }) => far < Number.POSITIVE_INFINITY && (far < 0 || !long.includes(test)))
    .sort((a, b) => a.far - b.far)
    .slice(0, nearest);
  return [...new Set([...near.map(({ test }) => test), ...endToEnd])];
};

/** Whether what stands at an offset of a file ran, as far as anybody looked. */
export const ranAt = (coverage: Coverage | null, file: string, offset: number): boolean => {
  if (coverage === null) return true;
  const around = (coverage[file] ?? []).filter(([start, end]) => start <= offset && offset < end);
  const inner = around.reduce<(typeof around)[number] | undefined>(
    (best, one) => (best && best[1] - best[0] <= one[1] - one[0] ? best : one),
    undefined,
  );
  return (inner?.[2] ?? 0) > 0;
};
