import { defineGuard, holdForNow, pass } from './guard.ts';

/** The live look must say that it is broken. An event is old news, and "can't tell" is not "broken". */
export const stillFailing = defineGuard({
  id: 'still-failing',
  check: ({ health }) => (health.state === 'unhealthy' ? pass : holdForNow(`the live look does not show a failure: ${health.because}`)),
});
