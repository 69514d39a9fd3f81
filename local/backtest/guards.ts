import { type Action, has } from '../../shared/actions/action.ts';
import { guards } from '../../shared/guards/index.ts';
import type { Policy } from '../../shared/model/policy.ts';

/** Guards that only need a history and a policy; the real ones are asked. */
const answerable = new Set([
  'opt-in',
  'overrides',
  'mode',
  'owner',
  'asked-for',
  'mass-failure',
  'zone',
  'somebody-at-work',
  'approval',
  'lease',
  'budget',
  'flapping',
]);

export const askable = guards.filter(({ id }) => answerable.has(id));

const instanceActions = new Set(['reboot-instance', 'stop-start-instance', 'replace-member', 'start-instance']);

/** What each of the other guards needs from the live account, and whether it does for an action under a policy. */
const live: Readonly<Record<string, (action: Action, policy: Policy) => boolean>> = {
  'still-failing': () => true,
  'kill-switch': () => true,
  'group-safe': () => true,
  'other-healer': ({ id }) => instanceActions.has(id),
  'group-can-launch': (action) => has(action, 'destroys'),
  'group-budget': (action) => has(action, 'destroys'),
  'can-start-again': (action) => has(action, 'removesFromService') && !has(action, 'destroys'),
  'public-address': (action) => has(action, 'changesAddress'),
  capacity: ({ id }) => id === 'scale-out',
  calendar: (_action, { calendars }) => calendars.length > 0,
  protection: ({ id }) => id === 'stop-start-instance' || id === 'replace-member',
  'group-place': ({ id }) => id === 'replace-member',
};

/** The guards that would have been asked but can't be evaluated now, including any that isn't listed here. */
export const openGuards = (action: Action, policy: Policy): string[] =>
  guards.flatMap(({ id }) => (answerable.has(id) || !(live[id]?.(action, policy) ?? true) ? [] : [id]));
