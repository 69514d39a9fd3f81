import { defineGuard, hold, pass, rehearse } from './guard.ts';

/** One parameter turns all action off within a minute. A switch that can't be read counts as off. */
export const killSwitch = defineGuard({
  id: 'kill-switch',
  check: async ({ killSwitch: { read }, now, action, target, facts, policy }) => {
    const position = await read(now);
    if (position === 'on') return pass;
    if (position === 'dry-run') return rehearse('the kill switch says so');
    return hold(`the kill switch is off; would ${action.describe({ target, facts, policy })}`);
  },
});
