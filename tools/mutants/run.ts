import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '#local-aws/random';
import { reasonOf } from './equivalents.ts';
import { filesIn, readImports } from './imports.ts';
import { inParallel } from './in-parallel.ts';
import { type Mutant, mutantsOf, mutate } from './operators.ts';
import type { Pool, Ran } from './pool.ts';
import { long, ranAt, relatedTests } from './related.ts';
import { createTypeChecker } from './types.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type Result = Pick<Mutant, 'file' | 'line' | 'operator' | 'original' | 'mutated'> & {
  status: 'killed' | 'survived' | 'equivalent';
  /** What killed it: a test, by its file and title; the time limit; or the type checker. */
  by: string | null;
  /** Why it is equivalent. */
  reason: string | null;
};

const texts = new Map<string, string>();
/** As it was when it was first read: who runs this may go on editing. */
const read = (file: string): string => {
  const text = texts.get(file) ?? readFileSync(join(root, file), 'utf8');
  texts.set(file, text);
  return text;
};

/** All mutants of the given paths, and so many of them, in the order in which they are drawn: a run that is interrupted tells of all files. */
export const drawMutants = (paths: readonly string[], seed: number, count: number): { all: number; drawn: Mutant[] } => {
  const files = paths.flatMap((path) => (path.endsWith('.ts') ? [path] : filesIn(root, path)));
  const all = files.flatMap((file) => mutantsOf(file, read(file)));
  const random = createRandom(seed);
  const rest = [...all];
  const drawn = Array.from({ length: Math.min(count, all.length) }, () => rest.splice(random.int(rest.length), 1)).flat();
  return { all: all.length, drawn };
};

type Test = { ms: number; covered: Ran['covered'] };
export type Told = { stage(text: string, share: number): void; warn(text: string): void; result(result: Result): void };

/**
 * Each test file once without a mutant, when it is first needed: how long it takes, and what of the files it runs. One that fails is no
 * judge, and null.
 */
const createTimes = (pool: Pool, files: readonly string[], { warn }: Told) => {
  const known = new Map<string, Promise<Test | null>>();
  const time = async (test: string): Promise<Test | null> => {
    const { ran } = await pool.run(
      { tests: [test], anew: null, overlay: null, cover: long.includes(test) ? null : files },
      () => undefined,
    );
    const [only] = ran;
    if (only?.failure === null) return { ms: only.ms, covered: only.covered };
    warn(`${test} fails without a mutant: ${only?.failure ?? 'it does not end'}`);
    return null;
  };
  return (test: string): Promise<Test | null> => {
    const found = known.get(test) ?? time(test);
    known.set(test, found);
    return found;
  };
};

type Options = {
  pool: Pool;
  told: Told;
  stopped?: () => boolean;
  /** Test files for a file, in their order; without it, by the imports. */
  testsOf?: (file: string) => readonly string[];
  /** Whether what survives the tests compiles. */
  compiles?: (mutant: Mutant) => Promise<boolean>;
};

/** Tries mutants, a few at a time, and tells what became of each. */
export const testMutants = async (
  drawn: readonly Mutant[],
  { pool, told, stopped, testsOf, compiles = createTypeChecker(root) }: Options,
): Promise<void> => {
  const imports = readImports(root);
  const files = [...new Set(drawn.map(({ file }) => file))];
  const testFiles = filesIn(root, 'test').filter((name) => name.endsWith('.test.ts'));
  const related = new Map(files.map((file) => [file, testsOf?.(file) ?? relatedTests(file, testFiles, imports)]));
  const timed = createTimes(pool, files, told);
  let done = 0;
  let judges = 0;

  const fate = async (mutant: Mutant): Promise<Pick<Result, 'status' | 'by' | 'reason'>> => {
    const { file } = mutant;
    const anew = [file, ...imports.importersOf(file).keys()];
    const overlay = { file, source: mutate(read(file), mutant) };
    for (const test of related.get(file) ?? []) {
      const usual = await timed(test);
      if (usual) judges += 1;
      if (!usual || !ranAt(usual.covered, file, mutant.start)) continue;
      const { ran, unfinished } = await pool.run({ tests: [test], anew, overlay, cover: null }, () => usual.ms);
      const failure = unfinished ? (unfinished.why === 'hung' ? 'the time limit' : 'the process ended') : ran[0]?.failure;
      if (failure) return { status: 'killed', by: `${test}: ${failure}`, reason: null };
    }
    if (judges === 0) throw new Error('no test passes without a mutant');
    const reason = reasonOf(mutant);
    return reason === null ? { status: 'survived', by: null, reason } : { status: 'equivalent', by: null, reason };
  };

  const tell = (mutant: Mutant, outcome: Pick<Result, 'status' | 'by' | 'reason'>) => {
    if (stopped?.()) return;
    const { file, line, operator, original, mutated } = mutant;
    done += 1;
    told.result({ file, line, operator, original, mutated, ...outcome });
    told.stage(`mutants: ${done}`, done / drawn.length);
  };
  // The compiler takes its time, and the tests go on meanwhile.
  const compiled: Promise<void>[] = [];
  const lane = async (mutant: Mutant) => {
    const outcome = await fate(mutant);
    if (outcome.status !== 'survived') return tell(mutant, outcome);
    compiled.push(compiles(mutant).then((right) => tell(mutant, right ? outcome : { ...outcome, status: 'killed', by: 'types' })));
  };
  await inParallel(drawn, pool.size, lane, stopped);
  await Promise.all(compiled);
};
