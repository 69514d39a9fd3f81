import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../../shared/model/policy.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';

/** The settings at the top of a policy that aren't as they are by default. */
export const changedSettings = (policy: Policy): Partial<Policy> => {
  const defaults = parsePolicy('') as Record<string, unknown>;
  return Object.fromEntries(Object.entries(policy).filter(([key, value]) => !isDeepStrictEqual(value, defaults[key])));
};
