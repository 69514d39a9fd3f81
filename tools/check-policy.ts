import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { problemLines } from '../local/policy/check.ts';
import { readPolicyText } from '../local/policy/read.ts';
import { errorMessage } from '../shared/model/errors.ts';
import { modes, type Policy } from '../shared/model/policy.ts';
import { oneOf, problemsIn } from '../shared/model/settings.ts';
import { parsePolicy } from '../shared/policy/read-policy.ts';
import { policyOfParameter } from './deployment/packaged-policy.ts';

/** A stage's `params`; anything left out comes from `default`. */
const stageSchema = z.looseObject({
  mode: z.unknown().optional(),
  policy: z.unknown().optional(),
  optInTag: z.string().optional(),
  optInValue: z.string().optional(),
  approver: z.unknown().optional(),
  approver2: z.unknown().optional(),
});
const templateSchema = z.object({ service: z.string().default('selfheal'), params: z.record(z.string(), stageSchema).default({}) });

type OptIn = Policy['optIn'];

/** Why a policy doesn't match the tag in the IAM conditions; undefined if it does. With another tag every action would be denied. */
export const optInProblem = ({ optIn }: { optIn: OptIn }, granted: OptIn): string | undefined => {
  if (optIn.key === granted.key && optIn.value === granted.value) return undefined;
  return `policy: optIn is ${optIn.key}=${optIn.value}, but the roles ask for ${granted.key}=${granted.value}: set the parameters optInTag and optInValue`;
};

/**
 * Why a policy doesn't match the topics that the roles may publish to; undefined if it does. Outcomes of such a route would be lost.
 */
export const routesProblem = ({ routes }: Pick<Policy, 'routes'>, service: string, stage: string): string | undefined => {
  const begin = `${service}-${stage}-route-`;
  const wrong = routes.findIndex(({ topicArn }) => !topicArn.split(':').at(-1)?.startsWith(begin));
  return wrong < 0
    ? undefined
    : `policy: routes.${wrong}.topicArn: the roles may only publish to topics whose names begin with ${begin}, not to ${routes[wrong]?.topicArn}`;
};

/**
 * Why two people can't be asked, where the policy has something that both must agree to; undefined if they can. One who is asked twice is one.
 */
export const approversProblem = (
  { databases }: Pick<Policy, 'databases'>,
  { approver, approver2 }: { approver?: unknown; approver2?: unknown },
): string | undefined => {
  if (databases.promote !== 'on') return undefined;
  const [first, second] = [approver, approver2].map((one) =>
    String(one ?? '')
      .trim()
      .toLowerCase(),
  );
  if (!first || !second) return 'policy: databases.promote needs two people: set the parameters approver and approver2';
  return first === second ? 'policy: databases.promote needs two people: the parameters approver and approver2 are the same' : undefined;
};

/** Why a stage's mode is invalid; undefined if it is valid or left out. With an invalid one the function would not start. */
export const modeProblem = (mode: unknown): string | undefined => {
  if (mode === undefined) return undefined;
  const { error } = oneOf(modes).safeParse(mode);
  return error ? problemsIn('parameter mode', error).replace(' (root):', '') : undefined;
};

/** The problems of the policies in a template's `params`, one line each; files are named from the template's folder. */
export const policyProblems = (template: string, folder = '.'): string[] => {
  const { service, params } = templateSchema.parse(parse(template));
  return Object.entries(params).flatMap(([stage, given]) => {
    const { mode, policy, optInTag, optInValue, ...approvers } = { ...params.default, ...given };
    const defaults = parsePolicy('').optIn;
    try {
      const read = policyOfParameter(policy, folder);
      const granted = { key: optInTag ?? defaults.key, value: optInValue ?? defaults.value };
      // `default` is for any stage.
      const problem =
        modeProblem(mode) ??
        optInProblem(read, granted) ??
        (stage === 'default' ? undefined : (routesProblem(read, service, stage) ?? approversProblem(read, approvers)));
      return problem ? [`stage ${stage}: ${problem}`] : [];
    } catch (error) {
      return [`stage ${stage}: ${errorMessage(error)}`];
    }
  });
};

/** A template has keys that no policy has. */
const isTemplate = (file: string, text: string): boolean => !file.endsWith('.json') && /^(?:service|params|provider)\s*:/m.test(text);

/** What is wrong with a file, a line each: a template, or a policy alone. */
const problemsOf = (file: string, text: string): string[] =>
  isTemplate(file, text)
    ? policyProblems(text, dirname(file)).map((problem) => `${file}: ${problem}`)
    : problemLines(file, readPolicyText(text, file));

/**
 * `node tools/check-policy.ts [TEMPLATE | POLICY]`: 0 if the policy, or every stage's policy in the template, can be used, 1 if one
 * can't, 2 if there is no such file. For a policy it is `selfheal policy check`.
 */
const main = (file: string): number => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    process.stderr.write(`check-policy: ${errorMessage(error)}\n`);
    return 2;
  }
  const problems = problemsOf(file, text);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length > 0 ? 1 : 0;
};

if (import.meta.main) process.exitCode = main(process.argv[2] ?? 'serverless.yml');
