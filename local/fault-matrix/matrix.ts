import { createRandom } from '#local-aws/random';
import { faults, phases } from './fault.ts';
import type { Base, Cell } from './play.ts';

/** The name of a cell: `hung-instance/ec2:DescribeInstances/denied/start`. */
export const cellName = ({ situation, call, fault, phase }: Cell): string => [situation, call, fault, phase].join('/');

/** Every call of a situation, with every fault, in both phases. */
export const cellsOf = ({ situation, calls }: Pick<Base, 'situation' | 'calls'>): Cell[] =>
  phases.flatMap((phase) => calls[phase].flatMap((call) => faults.map((fault) => ({ situation, call, fault, phase }))));

/** A sample of the cells, drawn by a seed, in their order. */
export const sampleOf = (cells: readonly Cell[], count: number, seed: number): Cell[] => {
  const random = createRandom(seed).fork('sample');
  const left = cells.map((_, i) => i);
  const drawn = new Set(Array.from({ length: Math.min(count, cells.length) }, () => left.splice(random.int(left.length), 1)[0]));
  return cells.filter((_, i) => drawn.has(i));
};
