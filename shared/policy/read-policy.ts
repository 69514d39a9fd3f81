import * as z from 'zod';
import { errorMessage } from '../model/errors.ts';
import { readJson } from '../model/json.ts';
import { type Policy, policySchema } from '../model/policy.ts';
import { problemsIn } from '../model/settings.ts';
import { customPlaybookProblems } from './custom-playbook-problems.ts';
import { withoutEffect } from './ineffective-settings.ts';
import { logAlarmProblems } from './log-alarm-problems.ts';
import { notAsPackaged, openPackaged, type PackagedPolicy } from './packaged.ts';

/** A complete policy, without ineffective settings; these can't be detected in a part. */
export const wholePolicySchema = policySchema.superRefine((policy, context) => {
  const issues = [...withoutEffect(policy), ...customPlaybookProblems(policy), ...logAlarmProblems(policy)];
  for (const issue of issues) context.addIssue({ code: 'custom', ...issue });
});

/**
 * Parses a complete policy from JSON; an empty text is the default policy.
 * @throws {Error} with the path and the reason
 */
export const parsePolicy = (text: string): Policy => {
  const result = wholePolicySchema.safeParse(readJson('policy', text));
  if (result.success) return result.data;
  throw new Error(problemsIn('policy', result.error));
};

/** The parts of an invalid policy that are still used: what has opted in, what alarms mean, which heartbeats must come, and whom to notify. */
const stillCounts = ['optIn', 'organization', 'classification', 'logs', 'beats', 'routes', 'runbooks'] as const;

const usableOf = (text: string): Record<string, unknown> => {
  try {
    const given = z.record(z.string(), z.unknown()).parse(readJson('policy', text));
    const parts = stillCounts.flatMap((key) => (Object.hasOwn(given, key) ? [{ [key]: given[key] }] : []));
    return Object.assign({}, ...parts.filter((part) => policySchema.safeParse(part).success));
  } catch {
    return {};
  }
};

const unusable = (text: string, why: string): Policy => {
  const problem = `the policy can't be used, so selfheal takes no action: ${why.slice(0, 500)}`;
  return { ...policySchema.parse({ ...usableOf(text), mode: 'off' }), problem };
};

/**
 * Reads the policy of a running function. An invalid policy doesn't stop the function: it keeps receiving and notifying, reports the
 * problem, and takes no action.
 */
export const readPolicy = (text: string): Policy => {
  try {
    return parsePolicy(text);
  } catch (error) {
    return unusable(text, errorMessage(error));
  }
};

/** Reads the policy of a function's own package. What isn't as it was packaged is never followed. */
export const readPackagedPolicy = (packaged: PackagedPolicy): Policy => openPackaged(packaged) ?? unusable('', notAsPackaged);
