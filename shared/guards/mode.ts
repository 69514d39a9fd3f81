import { defineGuard, hold, pass, rehearse } from './guard.ts';

/** Checks the mode that the policy sets for this place, this failure and this resource. */
export const mode = defineGuard({
  id: 'mode',
  check: ({ policy, action, target, facts }) => {
    if (policy.mode === 'enforce') return pass;
    if (policy.mode === 'dry-run') return rehearse('the policy says so');
    return hold(`the policy switches action off; would ${action.describe({ target, facts, policy })}`);
  },
});
