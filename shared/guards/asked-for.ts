import { stopCause } from '../model/state-reason.ts';
import { defineGuard, escalate, hold, holdForNow, holdQuietly, holdUnseen, pass } from './guard.ts';

/** So long after selfheal has begun to stop it, a stop counts as selfheal's own, in milliseconds. */
const ours = 2 * 3600_000;

/** Doesn't undo what a person or a program did on purpose: it undoes a stop only if AWS gives itself as the cause. */
export const askedFor = defineGuard({
  id: 'asked-for',
  check: async ({ facts: { instance }, action, target, lease, attempts, incident, now }) => {
    if (target.type !== 'instance') return pass;
    if (!instance) return hold('the instance does not exist');
    const { id, state, stateReason } = instance;
    const cause = stopCause(stateReason);
    if (state === 'terminated' || state === 'shutting-down') {
      // Its group puts another in its place, whoever ended it.
      if (instance.groupName) return holdForNow(`${id} is already ${state}`);
      return cause === 'on-purpose' ? holdQuietly(`${id} was ${state} on purpose (${stateReason})`) : escalate(`${id} is ${state}`);
    }
    if (state !== 'stopped' && state !== 'stopping') return pass;
    // Our own stop, half way through a stop and start, is the driver's to go on with; a guard only sees whole actions.
    switch (cause) {
      case 'on-purpose': {
        // Left stopped by an earlier incident of ours, whose execution may have died: that was nobody's wish. Started since, it was
        // somebody else who stopped it.
        if (stateReason === 'Client.UserInitiatedShutdown' && (await lease()).acquired) {
          const last = attempts()?.at(-1);
          const left = last !== undefined && last.at > Math.max(now - ours, instance.launchedAt);
          if (left && last.action === 'stop-start-instance' && last.incident !== incident.key) {
            return action.id === 'start-instance' || action.id === 'stop-start-instance'
              ? pass
              : holdForNow(`${id} was ${state} by selfheal in incident ${last.incident}`);
          }
        }
        return holdQuietly(`${id} was ${state} on purpose (${stateReason})`);
      }
      case 'failed':
        return escalate(`${id} is ${state}, but not on request (${stateReason}): a start would fail, too`);
      case 'unknown':
        return holdUnseen(`${id} is ${state}, and EC2 gives no reason`);
      case 'by-aws':
        if (action.id !== 'start-instance') return holdForNow(`EC2 has ${state} ${id} (${stateReason})`);
        // EC2 refuses to start what hasn't stopped yet.
        return state === 'stopped' ? pass : holdForNow(`${id} is still stopping`);
    }
  },
});
