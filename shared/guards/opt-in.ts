import { defineGuard, hold, pass } from './guard.ts';

/** Nothing is done to what nobody has opted in. The tag must stand on the very thing that would be acted upon. */
export const optIn = defineGuard({
  id: 'opt-in',
  check: ({ facts, policy, target }) => {
    const { key, value } = policy.optIn;
    const tags = target.type === 'group' ? facts.group?.tags : target.type === 'instance' ? facts.instance?.tags : undefined;
    if (!tags) return hold(`can't tell whether ${target.type} ${target.id} is opted in`);
    return Object.hasOwn(tags, key) && tags[key] === value
      ? pass
      : hold(`${target.type} ${target.id} is not opted in: no tag ${key}=${value}`);
  },
});
