import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { createRandom } from '#local-aws/random';
import { progressOn } from '../local/terminal/progress.ts';
import { inParallel } from '../local/threads.ts';
import { errorMessage } from '../shared/model/errors.ts';
import { problemsIn } from '../shared/model/settings.ts';
import { reasonOf } from './mutants/equivalents.ts';
import { filesIn, readImports } from './mutants/imports.ts';
import { type Mutant, mutantsOf, mutate } from './mutants/operators.ts';
import { createPool, type Pool, type Ran } from './mutants/pool.ts';
import { ranAt, relatedTests } from './mutants/related.ts';
import { createTypeChecker } from './mutants/types.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** What decides over an action: guards, actions, health, policy, the ledger, the core and the entry points. */
const parts = [
  ...['guards', 'actions', 'health', 'policy', 'remediation', 'handlers', 'intake'].map((name) => `shared/${name}`),
  ...['ledger', 'ledger-keys', 'ledger-layout'].map((name) => `shared/aws/${name}.ts`),
  'functions',
];

const wanted = 0.95;

const help = `Usage: npm run mutants -- [options]

Changes the code in one small place at a time, in memory, and runs the tests
that are related to it. What no test notices, survives.

  --only PATH   a folder or file of shared/ or functions/; without it, guards,
                actions, health, policy, ledger, core and entry points
  --count N     how many mutants are drawn (300)
  --seed N      which ones (1)
  --json        one line for each mutant, the last one with the counts
  --help        this text

Exit codes: 0; 1 if less than 95 % are killed; 2 if it could not run;
130 if it was interrupted.
`;

const optionsSchema = z.object({
  json: z.boolean().default(false),
  help: z.boolean().default(false),
  only: z
    .string()
    .transform((path) => normalize(path).replace(/\/$/, ''))
    .refine((path) => /^(?:shared|functions)(?:\/|$)/.test(path) && existsSync(join(root, path)), 'must be a path of shared/ or functions/')
    .optional(),
  seed: z.coerce.number().int().min(0).default(1),
  count: z.coerce.number().int().min(1).default(300),
});

type Result = Pick<Mutant, 'file' | 'line' | 'operator' | 'original' | 'mutated'> & {
  status: 'killed' | 'survived' | 'equivalent';
  /** What killed it: a test, by its file and title; the time limit; or the type checker. */
  by: string | null;
  /** Why it is equivalent. */
  reason: string | null;
};

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** All mutants of the given paths, and so many of them that are drawn, in the order of files. */
export const drawMutants = (paths: readonly string[], seed: number, count: number): { all: number; drawn: Mutant[] } => {
  const files = paths.flatMap((path) => (path.endsWith('.ts') ? [path] : filesIn(root, path)));
  const all = files.flatMap((file) => mutantsOf(file, read(file)));
  const random = createRandom(seed);
  const rest = [...all];
  const drawn = Array.from({ length: Math.min(count, all.length) }, () => rest.splice(random.int(rest.length), 1)).flat();
  const place = new Map(all.map((mutant, index) => [mutant, index]));
  return { all: all.length, drawn: drawn.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)) };
};

type Test = { ms: number; covered: Ran['covered'] };
type Told = { stage(text: string, share: number): void; warn(text: string): void; result(result: Result): void };

/** Each test file once without a mutant: how long it takes, and what of the files it runs. Those that fail are no judges. */
const timeTests = async (pool: Pool & { size: number }, tests: readonly string[], files: readonly string[], told: Told) => {
  const known = new Map<string, Test>();
  let done = 0;
  await inParallel(tests, pool.size, async (test) => {
    const { ran } = await pool.run({ tests: [test], anew: null, overlay: null, cover: files }, () => undefined);
    const [only] = ran;
    if (only?.failure === null) known.set(test, { ms: only.ms, covered: only.covered });
    else told.warn(`${test} fails without a mutant: ${only?.failure ?? 'it does not end'}`);
    done += 1;
    told.stage(`test files timed: ${done}`, done / tests.length);
  });
  return known;
};

export const testMutants = async (
  drawn: readonly Mutant[],
  pool: Pool & { size: number },
  told: Told,
  stopped: () => boolean,
): Promise<void> => {
  const imports = readImports(root);
  const files = [...new Set(drawn.map(({ file }) => file))];
  const testFiles = filesIn(root, 'test').filter((name) => name.endsWith('.test.ts'));
  const related = new Map(files.map((file) => [file, relatedTests(file, testFiles, imports)]));
  const known = await timeTests(pool, [...new Set([...related.values()].flat())], files, told);
  if (known.size === 0) throw new Error('no test passes without a mutant');
  const usualMs = (test: string) => known.get(test)?.ms;
  const types = createTypeChecker(root);
  let done = 0;

  const fate = async (mutant: Mutant): Promise<Pick<Result, 'status' | 'by' | 'reason'>> => {
    const { file } = mutant;
    const tests = (related.get(file) ?? []).filter((test) => ranAt(known.get(test)?.covered ?? null, file, mutant.start));
    const anew = [file, ...imports.importersOf(file).keys()];
    const { ran, unfinished } = await pool.run(
      { tests, anew, overlay: { file, source: mutate(read(file), mutant) }, cover: null },
      usualMs,
    );
    const noticed = ran.find(({ failure }) => failure !== null);
    if (noticed) return { status: 'killed', by: `${noticed.test}: ${noticed.failure}`, reason: null };
    if (unfinished)
      return {
        status: 'killed',
        by: `${unfinished.test}: ${unfinished.why === 'hung' ? 'the time limit' : 'the process ended'}`,
        reason: null,
      };
    const reason = reasonOf(mutant);
    if (reason !== null) return { status: 'equivalent', by: null, reason };
    return (await types.compiles(mutant))
      ? { status: 'survived', by: null, reason: null }
      : { status: 'killed', by: 'types', reason: null };
  };

  try {
    await inParallel(
      drawn,
      pool.size,
      async (mutant) => {
        const { file, line, operator, original, mutated } = mutant;
        const result = { file, line, operator, original, mutated, ...(await fate(mutant)) };
        if (stopped()) return;
        done += 1;
        told.result(result);
        told.stage(`mutants: ${done}`, done / drawn.length);
      },
      stopped,
    );
  } finally {
    types.end();
  }
};

const main = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean' },
      help: { type: 'boolean' },
      only: { type: 'string' },
      seed: { type: 'string' },
      count: { type: 'string' },
    },
  });
  const { data: options, error } = optionsSchema.safeParse(values);
  if (error) throw new Error(problemsIn('options', error));
  const out = (text: string) => process.stdout.write(`${text}\n`);
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const paths = options.only === undefined ? parts : [options.only];
  const { all, drawn } = drawMutants(paths, options.seed, options.count);
  if (drawn.length === 0) throw new Error(`${paths.join(', ')} has no mutants`);
  if (!options.json) out(`${drawn.length} of ${all} mutants, seed ${options.seed}`);

  const counts = { killed: 0, survived: 0, equivalent: 0 };
  const progress = progressOn(process.stderr);
  const pool = createPool();
  let interrupted = false;
  const told: Told = {
    stage: progress.show,
    warn: (text) => {
      progress.clear();
      process.stderr.write(`mutants: ${text}\n`);
    },
    result: (result) => {
      counts[result.status] += 1;
      if (options.json) return void out(JSON.stringify(result));
      if (result.status === 'killed') return;
      progress.clear();
      out(
        `${result.status} ${result.file}:${result.line}\n  - ${result.original}\n  + ${result.mutated}${result.reason ? `\n  ${result.reason}` : ''}`,
      );
    },
  };
  const began = performance.now();
  const stop = () => {
    interrupted = true;
    pool.end();
  };
  process.once('SIGINT', stop);
  try {
    await Promise.race([
      testMutants(drawn, pool, told, () => interrupted),
      new Promise<void>((resolve) => process.once('SIGINT', () => resolve())),
    ]);
  } finally {
    process.off('SIGINT', stop);
    pool.end();
    progress.clear();
  }
  const judged = counts.killed + counts.survived;
  const share = judged === 0 ? 0 : counts.killed / judged;
  if (options.json) out(JSON.stringify(counts));
  else {
    out(`${counts.killed} killed, ${counts.survived} survived, ${counts.equivalent} equivalent`);
    out(`${(100 * share).toFixed(1)} % killed, in ${Math.round((performance.now() - began) / 1000)} s`);
  }
  if (interrupted) return 130;
  return share >= wanted ? 0 : 1;
};

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`mutants: ${errorMessage(error)}\n`);
    process.exitCode = 2;
  }
}
