import { defineGuard, escalate, hold, pass } from './guard.ts';

/**
 * Owners can tag a resource with how selfheal should treat it. If selfheal can't follow such a tag, it doesn't treat the resource. If
 * the policy itself is unusable, it treats nothing until a person has fixed it.
 */
export const overrides = defineGuard({
  id: 'overrides',
  check: ({ policy: { problem, problems } }) => {
    if (problem !== undefined) return escalate(problem);
    return problems.length === 0 ? pass : hold(problems.join('; '));
  },
});
