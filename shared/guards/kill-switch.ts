import { wouldHave } from '../actions/action.ts';
import { defineGuard, dryRunOnly, hold, pass } from './guard.ts';

/** One parameter turns all action off within a minute. A switch that can't be read counts as off. */
export const killSwitch = defineGuard({
  id: 'kill-switch',
  live: true,
  check: async ({ killSwitch: { read }, now, action, target, facts, policy }) => {
    const position = await read(now);
    if (position === 'on') return pass;
    if (position === 'dry-run') return dryRunOnly('the kill switch is set to dry-run');
    return hold(`the kill switch is set to off; selfheal ${wouldHave(action, { target, facts, policy })}`);
  },
});
