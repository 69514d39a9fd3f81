import { formatDuration } from '../model/duration.ts';
import { defineGuard, escalate, hold, pass } from './guard.ts';

/** After a number of actions on one resource in a window, or after one that is only done once in a while, more of the same is no cure: a person looks. */
export const budget = defineGuard({
  id: 'budget',
  check: ({ attempts, policy, now, target, action, incident }) => {
    const { actions, window } = policy.budget;
    const begun = attempts();
    if (!begun) return hold('the earlier actions are unknown');
    const once = action.once?.(policy) ?? 0;
    if (begun.some((one) => one.action === action.id && one.incident !== incident.key && one.at > now - once * 1000))
      return escalate(`${action.id} was done to ${target.id} already, and the policy allows that once in ${formatDuration(once)}`);
    const { times, within } = action.limit ?? { times: Number.POSITIVE_INFINITY, within: 0 };
    const alike = begun.filter((one) => one.action === action.id && one.at > now - within * 1000).length;
    if (alike >= times)
      return escalate(
        `${action.id} was done to ${target.id} ${alike} time${alike === 1 ? '' : 's'} in ${formatDuration(within)}, and the policy allows no more`,
      );
    const recent = begun.filter(({ at }) => at > now - window * 1000).length;
    return recent < actions
      ? pass
      : escalate(
          `${recent} action${recent === 1 ? '' : 's'} on ${target.type} ${target.id} in ${formatDuration(window)}: the budget is used up`,
        );
  },
});
