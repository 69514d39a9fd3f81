import { formatDuration } from '../model/duration.ts';
import { defineGuard, escalate, hold, pass } from './guard.ts';

/** After a number of actions on one resource in a window, more of the same is no cure: a person looks. */
export const budget = defineGuard({
  id: 'budget',
  check: ({ attempts, policy, now, target }) => {
    const { actions, window } = policy.budget;
    const begun = attempts();
    if (!begun) return hold('the earlier actions are unknown');
    const recent = begun.filter(({ at }) => at > now - window * 1000).length;
    return recent < actions
      ? pass
      : escalate(
          `${recent} action${recent === 1 ? '' : 's'} on ${target.type} ${target.id} in ${formatDuration(window)}: the budget is used up`,
        );
  },
});
