import { wouldHave } from '../actions/action.ts';
import { defineGuard, dryRunOnly, hold, pass } from './guard.ts';

/** Checks the mode that the policy sets for this place, this failure and this resource. */
export const mode = defineGuard({
  id: 'mode',
  check: ({ policy, action, target, facts }) => {
    if (policy.mode === 'enforce') return pass;
    if (policy.mode === 'dry-run') return dryRunOnly('the mode in the policy is dry-run');
    return hold(`the policy switches action off; selfheal ${wouldHave(action, { target, facts, policy })}`);
  },
});
