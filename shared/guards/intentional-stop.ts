import { gravest } from '../actions/action.ts';
import { actions } from '../actions/index.ts';
import { stopCause } from '../model/state-reason.ts';
import { type Check, defineGuard, escalate, hold, holdForNow, holdQuietly, holdUnseen, none, pass } from './guard.ts';

/** How long after selfheal began to stop it a stop still counts as selfheal's own, in milliseconds. */
const ownStopWindow = 2 * 3600_000;

/** Whether an action stops its target and starts it again, so that it may have ended after the stop. */
const stops = (id: string): boolean => actions.some((action) => action.id === id && gravest(action).includes('removesFromService'));

/** `starts`: the action starts a stopped instance. `only`: it does nothing else. */
const checkOf =
  ({ starts = false, only = false }: { starts?: boolean; only?: boolean }): Check =>
  async ({ facts: { instance }, lease, attempts, incident, now }) => {
    if (!instance) return hold('the instance does not exist');
    const { id, state, stateReason } = instance;
    const cause = stopCause(stateReason);
    if (state === 'terminated' || state === 'shutting-down') {
      // Its group replaces it, whatever ended it.
      if (instance.groupName) return holdForNow(`${id} is already ${state}`);
      return cause === 'on-purpose' ? holdQuietly(`${id} was ${state} on purpose (${stateReason})`) : escalate(`${id} is ${state}`);
    }
    if (state !== 'stopped' && state !== 'stopping') return pass;
    // In the middle of our own stop and start, the driver goes on; guards only see whole actions.
    switch (cause) {
      case 'on-purpose': {
        // An earlier incident of ours may have left it stopped because its execution died, which was not on purpose. If it was started
        // since, the stop was someone else's.
        if (stateReason === 'Client.UserInitiatedShutdown' && (await lease()).acquired) {
          const last = attempts()?.at(-1);
          const left = last !== undefined && last.at > Math.max(now - ownStopWindow, instance.launchedAt);
          if (left && stops(last.action) && last.incident !== incident.key) {
            return starts ? pass : holdForNow(`${id} was ${state} by selfheal in incident ${last.incident}`);
          }
        }
        return holdQuietly(`${id} was ${state} on purpose (${stateReason})`);
      }
      case 'failed':
        return escalate(`${id} is ${state}, but not on request (${stateReason}): a start would fail, too`);
      case 'unknown':
        return holdUnseen(`${id} is ${state}, and EC2 gives no reason`);
      case 'by-aws':
        if (!only) return holdForNow(`EC2 has ${state} ${id} (${stateReason})`);
        // EC2 refuses to start an instance that is still stopping.
        return state === 'stopped' ? pass : holdForNow(`${id} is still stopping`);
    }
  };

const leaves = checkOf({});

/** Doesn't undo what a person or a program did on purpose: it undoes a stop only if AWS gives itself as the cause. */
export const intentionalStop = defineGuard({
  id: 'intentional-stop',
  check: {
    of: {
      instance: {
        starts: checkOf({ starts: true, only: true }),
        removesFromService: checkOf({ starts: true }),
        changesSoftware: leaves,
        interrupts: leaves,
        destroys: leaves,
        addsCapacity: leaves,
        changesAddress: none,
        repeatsWork: none,
        growsStorage: none,
      },
      group: none,
      database: none,
      service: none,
      queue: none,
      task: none,
      certificate: none,
    },
  },
});
