import { clockTime } from '../model/duration.ts';
import { judgeRelease } from '../model/release.ts';
import { type Check, defineGuard, escalate, hold, holdUnseen, none, pass } from './guard.ts';

const isToBlame: Check = async ({ facts: { service }, incident, policy, action, lease, attempts }) => {
  if (!service) return hold('the service does not exist');
  // Another guard knows services of ECS.
  if (service.kind !== 'function') return pass;
  const { rollback } = policy.lambda;
  if (!rollback) return hold('lambda.rollback in the policy is not set');
  const { release, shifting, unreleased } = service;
  if (unreleased !== null) return escalate(unreleased);
  if (shifting !== null) return escalate(`no rollback: ${shifting}`);
  if (!release) return holdUnseen(`nothing is known of the releases of ${service.id}`);
  const verdict = judgeRelease(release, { failedAt: incident.at, within: rollback.within });
  if (!verdict.toBlame) return verdict.unseen ? holdUnseen(verdict.because) : escalate(`no rollback: ${verdict.because}`);
  // Whoever doesn't get the lease is held by another guard.
  if (!(await lease()).acquired) return pass;
  const earlier = attempts()?.findLast((one) => one.action === action.id);
  if (!earlier) return pass;
  return escalate(`selfheal has rolled ${service.id} back at ${clockTime(earlier.at)} already, and doesn't do it twice`);
};

/**
 * A function is only rolled back if the release that serves is what fails: it began to serve shortly before, the errors are its own and
 * began with it, and what served before it had hardly any. Never if something else is the cause, never forwards, never twice.
 */
export const releaseToBlame = defineGuard({
  id: 'release-to-blame',
  live: true,
  check: {
    of: {
      instance: none,
      group: none,
      database: none,
      queue: none,
      task: none,
      certificate: none,
      service: {
        changesSoftware: isToBlame,
        starts: none,
        interrupts: none,
        removesFromService: none,
        destroys: none,
        addsCapacity: none,
        changesAddress: none,
        repeatsWork: none,
        growsStorage: none,
      },
    },
  },
});
