import { formatDuration } from '../model/duration.ts';
import { defineGuard, hold, pass, skip } from './guard.ts';

/** An action that selfheal had to repeat again and again is no cure: the next rung begins, and in the end a person decides. */
export const flapping = defineGuard({
  id: 'flapping',
  check: ({ attempts, policy, incident, action, now, target }) => {
    const { times, window } = policy.flapping;
    const begun = attempts();
    if (!begun) return hold('the earlier actions are unknown');
    const earlier = new Set(
      begun
        .filter((one) => one.action === action.id && one.incident !== incident.key && one.at > now - window * 1000)
        .map((one) => one.incident),
    );
    return earlier.size < times
      ? pass
      : skip(
          `${action.id} was done to ${target.id} in ${earlier.size} incidents within ${formatDuration(window)}, and the effect didn't last`,
        );
  },
});
