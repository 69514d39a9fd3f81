import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@jest/globals';
import type { Json } from './service.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const read = (path: string) => readFileSync(join(root, path), 'utf8');

export const blocks = (page: string, language: string): string[] =>
  [...read(page).matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].flatMap(([, found, text = '']) => (found === language ? [text] : []));

/** A parameter of a template as a module has it. */
export const snake = (name: string): string => name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

const files = ['main.tf', 'outputs.tf'];

/** A module in a folder, whose locals are in a file of their own, which needs no provider. */
export const createModule = (folder: string, locals: string) => {
  /** The variables of the module, with what each says. */
  const variables = new Map(
    [...read(`${folder}/variables.tf`).matchAll(/^variable "(\w+)" \{\n([\s\S]*?)^\}$/gm)].map(([, name = '', body = '']) => [name, body]),
  );
  const text = [...files, locals].map((file) => read(`${folder}/${file}`)).join('\n');
  const used = (kind: string) => [...new Set([...text.matchAll(new RegExp(`\\b${kind}\\.(\\w+)`, 'g'))].map(([, name = '']) => name))];

  /** What Terraform makes of an expression of the module, without a provider and without an account. */
  const evaluated = (values: Json, expression: string): unknown => {
    const copy = mkdtempSync(join(tmpdir(), 'selfheal-terraform-'));
    try {
      for (const file of [locals, 'variables.tf']) cpSync(join(root, folder, file), join(copy, file));
      const { stdout, stderr } = spawnSync(
        'terraform',
        ['console', ...Object.entries(values).map(([name, value]) => `-var=${name}=${value}`)],
        { cwd: copy, input: `base64encode(jsonencode(${expression}))\n`, encoding: 'utf8', maxBuffer: 2 ** 26, env: quiet() },
      );
      const [, encoded] = /"([\w+/=]+)"\s*$/.exec(stdout) ?? [];
      if (encoded === undefined) throw new Error(`terraform console: ${stdout}${stderr}`);
      return JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
    } finally {
      rmSync(copy, { recursive: true });
    }
  };

  return {
    folder,
    variables,
    text,
    /** What it names and doesn't have, or has and doesn't name. */
    loose: (): string[] => [
      ...used('var').filter((name) => !variables.has(name)),
      ...[...variables.keys()].filter((name) => !used('var').includes(name)),
      ...used('local').filter((name) => !new RegExp(`^ {2}${name} += `, 'm').test(text)),
    ],
    /** The parameters that it hands on, each with what for. */
    handed: (opening: string, closing: string): string[][] => {
      const from = text.indexOf(opening) + opening.length;
      const lines = text.slice(from, text.indexOf(closing, from)).split('\n');
      return lines.map((line) => line.trim().split(/\s+=\s+/));
    },
    evaluated,
    /** How its files differ from what Terraform makes of them. */
    unformatted: (): string => {
      const { status, stdout } = spawnSync('terraform', ['fmt', '-check', '-diff', join(root, folder)], { encoding: 'utf8', env: quiet() });
      return `${status === 0 ? '' : 'refused: '}${stdout}`;
    },
  };
};
const quiet = () => ({ ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', NO_COLOR: '1' });

/** The texts that a block of HCL gives to variables. */
export const givenIn = (block: string): Record<string, string> =>
  Object.fromEntries([...block.matchAll(/^ {2}(\w+) += "([^"]*)"$/gm)].map(([, name = '', value = '']) => [name, value]));

/** The machine may have no Terraform; what needs none holds there, too. */
export const byTerraform = spawnSync('terraform', ['version']).status === 0 ? test : test.skip;

type Parameters = Readonly<Record<string, { AllowedValues?: readonly unknown[]; AllowedPattern?: string }>>;

/** Values that CloudFormation would refuse, or names that the template doesn't have. */
export const refusedBy = (parameters: Parameters, values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => {
    const { AllowedValues, AllowedPattern = '' } = parameters[name] ?? { AllowedValues: [] };
    return (AllowedValues?.map(String).includes(value) ?? new RegExp(AllowedPattern).test(value)) ? [] : [`${name}=${value}`];
  });
