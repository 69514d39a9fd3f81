import { defineGuard, escalate, hold, pass } from './guard.ts';

/**
 * Somebody has written on the resource how he wants it treated. Where that can't be followed, it isn't treated; and where the policy
 * itself can't be used nothing is, until a person has mended it.
 */
export const overrides = defineGuard({
  id: 'overrides',
  check: ({ policy: { problem, problems } }) => {
    if (problem !== undefined) return escalate(problem);
    return problems.length === 0 ? pass : hold(problems.join('; '));
  },
});
