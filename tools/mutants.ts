import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { progressOn } from '../local/terminal/progress.ts';
import { errorMessage } from '../shared/model/errors.ts';
import { problemsIn } from '../shared/model/settings.ts';
import { createPool } from './mutants/pool.ts';
import { drawMutants, type Told, testMutants } from './mutants/run.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** What decides over an action: guards, actions, health, policy, the ledger, the core and the entry points. */
const parts = [
  ...['guards', 'actions', 'health', 'policy', 'remediation', 'intake', 'handlers', 'compose'].map((name) => `shared/${name}`),
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
  try {
    await Promise.race([
      testMutants(drawn, { pool, told, stopped: () => interrupted }),
      new Promise<void>((resolve) => {
        process.once('SIGINT', () => {
          interrupted = true;
          resolve();
        });
      }),
    ]);
  } finally {
    pool.end();
    progress.clear();
  }
  const judged = counts.killed + counts.survived;
  const share = judged === 0 ? 0 : counts.killed / judged;
  if (options.json) out(JSON.stringify(interrupted ? { ...counts, interrupted } : counts));
  else {
    out(`${counts.killed} killed, ${counts.survived} survived, ${counts.equivalent} equivalent`);
    out(`${(100 * share).toFixed(1)} % killed, in ${Math.round((performance.now() - began) / 1000)} s`);
  }
  // Whatever is still under way ends with the process.
  if (interrupted) process.exit(130);
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
