import { defineGuard, holdForNow, holdUnseen, pass } from './guard.ts';

/** The live look must show that the resource is broken. An event is old news, and "can't tell" is not "broken". */
export const stillFailing = defineGuard({
  id: 'still-failing',
  live: true,
  check: ({ health }) => {
    if (health.state === 'unhealthy') return pass;
    const reason = `the live look does not show a failure: ${health.because}`;
    return health.state === 'unknown' ? holdUnseen(reason) : holdForNow(reason);
  },
});
