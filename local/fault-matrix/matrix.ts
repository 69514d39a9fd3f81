import { createRandom } from '#local-aws/random';
import { faults, phases } from './fault.ts';
import type { Base, Cell } from './play.ts';

/** `hung-instance/ec2:DescribeInstances/denied/start`: what a cell goes by. */
export const cellName = ({ situation, call, fault, phase }: Cell): string => [situation, call, fault, phase].join('/');

/** Every call that a situation makes, in every way in which it may fail, from either moment on. */
export const cellsOf = ({ situation, calls }: Pick<Base, 'situation' | 'calls'>): Cell[] =>
  phases.flatMap((phase) => calls[phase].flatMap((call) => faults.map((fault) => ({ situation, call, fault, phase }))));

/** So many of the cells, drawn by a seed, in their order. */
export const sampleOf = (cells: readonly Cell[], count: number, seed: number): Cell[] => {
  const random = createRandom(seed).fork('sample');
  const left = cells.map((_, i) => i);
  const drawn = new Set(Array.from({ length: Math.min(count, cells.length) }, () => left.splice(random.int(left.length), 1)[0]));
  return cells.filter((_, i) => drawn.has(i));
};
