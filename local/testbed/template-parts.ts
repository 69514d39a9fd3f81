import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';
import type { StackTemplate } from './place-stack.ts';

const folder = new URL('../../infrastructure/', import.meta.url);

export const standaloneText = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

/** A template that stands alone. */
export const standalone = (file: string) => parse(standaloneText(file)) as StackTemplate;

type Part = (framework: { resolveVariable: (name: string) => Promise<unknown> }) => Promise<StackTemplate>;

/** A part of the service that is a file of code, as the framework makes it with these variables. */
export const partOf = (file: string, variables: Readonly<Record<string, unknown>>): Promise<StackTemplate> =>
  (createRequire(import.meta.url)(new URL(file, folder).pathname) as Part)({
    resolveVariable: async (name) => {
      if (!Object.hasOwn(variables, name)) throw new Error(`there is no ${name}`);
      return variables[name];
    },
  });
