import { afterPauseKey, pauseOf, stillFails, tellPause } from '../model/pause.ts';
import { defineGuard, hold, holdQuietly, pass } from './guard.ts';

/** A person has paused the resource or its group for a while: each signal is held quietly, and what still fails afterwards once and loudly. */
export const paused = defineGuard({
  id: 'paused',
  live: true,
  check: async ({ incident, target, facts, health, pauses, now }) => {
    const pause = pauseOf(await pauses.pauses(), [incident.resource, target], facts.group?.name ?? null, incident, now);
    if (pause) {
      await pauses.noteHeldByPause(pause, incident.key);
      return holdQuietly(tellPause(pause));
    }
    const over = incident.evidence[afterPauseKey];
    return over !== undefined && health.state === 'unhealthy' ? hold(stillFails(over)) : pass;
  },
});
