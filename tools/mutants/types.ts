import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutant, mutate } from './operators.ts';

/** Whether mutants compile, in a copy of the code that goes with `end`. */
export const createTypeChecker = (root: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-mutants-'));
  const parts = ['shared', 'functions'];
  for (const name of [...parts, 'package.json']) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: parts }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const check = (): Promise<boolean> =>
    new Promise((resolve) => {
      execFile(process.execPath, [tsc, '-p', folder], (error) => resolve(error === null));
    });
  /** One at a time: a mutant is written there. */
  let last: Promise<unknown> = check().then((right) => {
    if (!right) throw new Error('the code does not compile without a mutant');
  });
  return {
    compiles: (mutant: Mutant): Promise<boolean> => {
      const source = readFileSync(join(root, mutant.file), 'utf8');
      const next = last.then(async () => {
        writeFileSync(join(folder, mutant.file), mutate(source, mutant));
        const right = await check();
        writeFileSync(join(folder, mutant.file), source);
        return right;
      });
      last = next;
      return next;
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
};
