import { defineGuard, hold, pass } from './guard.ts';

/** Somebody has written on the resource how he wants it treated. Where that can't be followed, it isn't treated. */
export const overrides = defineGuard({
  id: 'overrides',
  check: ({ policy: { problems } }) => (problems.length === 0 ? pass : hold(problems.join('; '))),
});
