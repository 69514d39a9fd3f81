import { defineGuard, holdForNow, pass } from './guard.ts';

/**
 * Two incidents never act on one resource at the same time, and none acts on what another one leaves to EC2 or to its group. The lease of a dead
 * one expires.
 */
export const lease = defineGuard({
  id: 'lease',
  check: async ({ lease: take, target }) => {
    const result = await take();
    if (result.acquired) return pass;
    const { holder, until, waits } = result;
    const does = waits ? `waits for ${target.type} ${target.id} to recover by itself` : `is treating ${target.type} ${target.id}`;
    return { ...holdForNow(`incident ${holder} ${does} until ${new Date(until).toISOString()}`), holder, ...(waits ? { waits } : {}) };
  },
});
