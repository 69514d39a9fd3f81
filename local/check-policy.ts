import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { parsePolicy } from '../shared/policy.ts';

const templateSchema = z.object({ params: z.record(z.string(), z.looseObject({ policy: z.unknown().optional() })).default({}) });

/** What is wrong with the policies that a template's stages name in `params`, a line each; none where all can be read. */
export const policyProblems = (template: string): string[] => {
  const { params } = templateSchema.parse(parse(template));
  return Object.entries(params).flatMap(([stage, { policy }]) => {
    if (policy === undefined) return [];
    if (typeof policy !== 'string') return [`stage ${stage}: the policy must be JSON text`];
    try {
      parsePolicy(policy);
      return [];
    } catch (error) {
      return [`stage ${stage}: ${(error as Error).message}`];
    }
  });
};

/** `node local/check-policy.ts [TEMPLATE]`: 0 if every stage's policy can be read, 1 if one can't, 2 if there is no such template. */
const main = (file: string): number => {
  let template: string;
  try {
    template = readFileSync(file, 'utf8');
  } catch (error) {
    process.stderr.write(`check-policy: ${(error as Error).message}\n`);
    return 2;
  }
  const problems = policyProblems(template);
  for (const problem of problems) process.stderr.write(`${file}: ${problem}\n`);
  return problems.length > 0 ? 1 : 0;
};

if (import.meta.main) process.exitCode = main(process.argv[2] ?? 'serverless.yml');
