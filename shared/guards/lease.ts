import { defineGuard, holdForNow, pass } from './guard.ts';

/** Two incidents never act on one resource at the same time. The lease of a dead one expires. */
export const lease = defineGuard({
  id: 'lease',
  check: async ({ lease: take, target }) => {
    const result = await take();
    if (result.acquired) return pass;
    const { holder, until } = result;
    return { ...holdForNow(`incident ${holder} is treating ${target.type} ${target.id} until ${new Date(until).toISOString()}`), holder };
  },
});
