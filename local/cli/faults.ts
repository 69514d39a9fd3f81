import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { verdicts } from '../fault-matrix/judge.ts';
import { cellName, cellsOf, sampleOf } from '../fault-matrix/matrix.ts';
import { isBad, type Line } from '../fault-matrix/play.ts';
import { playBases, playCells } from '../fault-matrix/pool.ts';
import { situations } from '../fault-matrix/situations.ts';
import { interruptedCode, interruptedLine, interruptible, unlessInterrupted } from '../terminal/interrupt.ts';
import { progressOn } from '../terminal/progress.ts';
import { createStyle } from '../terminal/style.ts';
import { columns } from '../terminal/table.ts';
import type { Command, Io } from './command.ts';
import { wholeNumber } from './options.ts';

const help = `Usage: selfheal faults [--only TEXT] [--sample N [--seed N]] [--json]

Plays a matrix of faults on the embedded AWS, in simulated time. In each situation, every call of selfheal is made to fail: denied, 5xx,
hanging, answer lost or answer empty; from the start, or for an hour from selfheal's first change on. An observer judges each cell by the
calls that AWS sees and by the true state of the world:

  harm       a resource ends worse than it does without selfheal
  silent     a treatment failed or left something out of service, and people are not told within 15 minutes
  repeated   one channel gets the same message twice
  untrue     a message contradicts the state of the world

  --only TEXT  only cells whose names contain this, such as hung-instance/ec2:DescribeInstances/denied/start
  --sample N   only N cells, drawn by the seed
  --seed N     the seed (default 1)
  --json       one line of JSON per cell, then the number of bad cells by kind

Exit code: 0 no cell is bad; 1 some are; 2 it could not run; 130 it was interrupted, and shows the cells until then.

Examples:
  selfheal faults
  selfheal faults --only /sns:Publish/
  selfheal faults --sample 40 --seed 7 --json
`;

/** How many bad cells are shown of each kind. */
const shown = 20;

type Count = { cells: number } & Record<(typeof verdicts)[number], number>;
const none = (): Count => ({ cells: 0, harm: 0, silent: 0, repeated: 0, untrue: 0 });
const add = (count: Count, line: Line): void => {
  count.cells++;
  for (const verdict of verdicts) if (isBad(line, verdict)) count[verdict]++;
};

const summarise = (io: Io, lines: readonly Line[], total: Count, interrupted: boolean): void => {
  const style = createStyle(io.stdout, io.env);
  const bySituation = new Map<string, Count>();
  for (const line of lines) {
    const count = bySituation.get(line.situation) ?? none();
    add(count, line);
    bySituation.set(line.situation, count);
  }
  const row = (name: string, { cells, ...found }: Count) => [name, String(cells), ...verdicts.map((verdict) => String(found[verdict]))];
  const rows = [...bySituation].map(([name, count]) => row(name, count));
  io.stdout.write(`${columns([['situation', 'cells', ...verdicts], ...rows, row('in all', total)], style.width)}\n`);
  for (const verdict of verdicts) {
    const bad = lines.filter((line) => isBad(line, verdict));
    if (bad.length > 0) io.stdout.write(`\n${style.bad(verdict)}\n`);
    for (const line of bad.slice(0, shown)) io.stdout.write(`${style.wrap(`${cellName(line)}: ${line[verdict]?.join('; ')}`, 4, '  ')}\n`);
    if (bad.length > shown) io.stdout.write(`  and ${bad.length - shown} more, which --json lists\n`);
  }
  const bad = lines.filter((line) => verdicts.some((verdict) => isBad(line, verdict))).length;
  const verdict = bad === 0 ? 'No cell is bad' : `${bad} of ${lines.length} cells are bad`;
  const paint = bad > 0 ? style.bad : interrupted ? style.warn : style.good;
  io.stdout.write(`\n${paint(interrupted ? `Interrupted: ${verdict[0]?.toLowerCase()}${verdict.slice(1)} until then.` : `${verdict}.`)}\n`);
};

const run = async (args: string[], io: Io): Promise<number> => {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: '' },
      sample: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { only, json } = values;
  const count = wholeNumber('sample', values.sample, 1);
  const seed = wholeNumber('seed', values.seed) ?? 1;
  const progress = progressOn(io.stderr);
  progress.show('the situations without a fault');
  // A whole situation's name in front needs no other.
  const asked = Object.keys(situations).filter((name) => only.startsWith(`${name}/`));
  const lines: Line[] = [];
  const total = none();
  const interrupted = await interruptible(async (signal) => {
    const bases = await unlessInterrupted(playBases(asked.length > 0 ? asked : Object.keys(situations)), signal);
    if (bases === null) return true;
    const all = bases.flatMap(cellsOf).filter((cell) => cellName(cell).includes(only));
    if (all.length === 0) throw new UsageError(`no cell's name contains ${JSON.stringify(only.slice(0, 100))}`);
    const cells = count === undefined ? all : sampleOf(all, count, seed);
    const hear = (line: Line) => {
      // What threads still say after an interruption is no longer heard.
      if (signal.aborted) return;
      lines.push(line);
      add(total, line);
      if (json) io.stdout.write(`${JSON.stringify(line)}\n`);
      progress.show(`${lines.length} of ${cells.length} cells`, lines.length / cells.length);
    };
    await unlessInterrupted(playCells(cells, bases, hear), signal);
    return signal.aborted;
  });
  progress.clear();
  if (json) io.stdout.write(interrupted ? interruptedLine(total) : `${JSON.stringify(total)}\n`);
  else summarise(io, lines, total, interrupted);
  if (interrupted) return interruptedCode;
  return verdicts.some((verdict) => total[verdict] > 0) ? 1 : 0;
};

export const faultsCommand: Command = {
  name: 'faults',
  help,
  names: () => [],
  values: () => ({ '--only': Object.keys(situations) }),
  run,
};
