import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutant, mutate } from './operators.ts';

const parts = ['shared', 'functions'];

/** What a mutant leaves as it is, is not looked at again. */
const incremental = { incremental: true, tsBuildInfoFile: 'checked.tsbuildinfo' };

/** Whether mutants compile, one after the other, in a copy of the code that goes with the process. */
export const createTypeChecker = (root: string): ((mutant: Mutant) => Promise<boolean>) => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const check = (folder: string): Promise<boolean> =>
    new Promise((resolve) => {
      execFile(process.execPath, [tsc, '-p', folder], (error) => resolve(error === null));
    });

  const copy = async (): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'selfheal-mutants-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    for (const name of [...parts, 'package.json']) cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
    const options = { ...compilerOptions, ...incremental };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: parts }));
    if (!(await check(folder))) throw new Error('the code does not compile without a mutant');
    return folder;
  };

  let copied: Promise<string> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return (mutant) => {
    copied ??= copy();
    const next = Promise.all([copied, last]).then(async ([folder]) => {
      const path = join(folder, mutant.file);
      const source = readFileSync(path, 'utf8');
      writeFileSync(path, mutate(source, mutant));
      const right = await check(folder);
      writeFileSync(path, source);
      return right;
    });
    last = next;
    return next;
  };
};
