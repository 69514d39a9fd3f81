import * as z from 'zod';
import { type Policy, policySchema } from '../model/policy.ts';
import { problemsIn, readJson } from '../model/settings.ts';
import { withoutEffect } from './ineffective-settings.ts';

/** A whole policy, which must be able to do what it says; of a part nobody can tell. */
const wholePolicySchema = policySchema.superRefine((policy, context) => {
  for (const issue of withoutEffect(policy)) context.addIssue({ code: 'custom', ...issue });
});

/** Reads a whole policy from JSON text; an empty text is the default policy. Throws an Error that names the path and the reason. */
export const parsePolicy = (text: string): Policy => {
  const result = wholePolicySchema.safeParse(readJson('policy', text));
  if (result.success) return result.data;
  throw new Error(problemsIn('policy', result.error));
};

/** What still counts of a policy that can't be used: what has opted in, what alarms mean, and whom to tell. */
const stillCounts = ['optIn', 'classification', 'routes', 'runbooks'] as const;

const usableOf = (text: string): Record<string, unknown> => {
  try {
    const given = z.record(z.string(), z.unknown()).parse(readJson('policy', text));
    const parts = stillCounts.flatMap((key) => (Object.hasOwn(given, key) ? [{ [key]: given[key] }] : []));
    return Object.assign({}, ...parts.filter((part) => policySchema.safeParse(part).success));
  } catch {
    return {};
  }
};

/**
 * The policy that a running function goes by. One that can't be used doesn't stop it: it goes on to hear and to tell, of that as well,
 * and does nothing to anything.
 */
export const readPolicy = (text: string): Policy => {
  try {
    return parsePolicy(text);
  } catch (error) {
    const problem = `the policy can't be used, so selfheal takes no action: ${(error as Error).message.slice(0, 500)}`;
    return { ...policySchema.parse({ ...usableOf(text), mode: 'off' }), problem };
  }
};
