import { minUnreserved, raisedTo } from '../actions/raise-concurrency.ts';
import { type Check, defineGuard, escalate, hold, holdUnseen, none, pass } from './guard.ts';

/** How much of what is reserved must have been used for the reserve to be what throttles. Executions are counted by the minute. */
const atItsLimit = 0.9;

const hasRoom: Check = ({ facts: { service }, policy }) => {
  if (!service) return hold('the service does not exist');
  if (service.kind !== 'function') return pass;
  const { id, concurrency } = service;
  const limits = policy.lambda.concurrency;
  if (!limits) return hold('lambda.concurrency in the policy is not set');
  if (!concurrency) return holdUnseen(`nothing is known of the concurrency of ${id}`);
  const { reserved, unreserved, most, throttles } = concurrency;
  if (reserved === null) return escalate(`${id} has no reserved concurrency: it shares what is left of the account's, ${unreserved}`);
  if (reserved === 0) return escalate(`the reserved concurrency of ${id} is 0: someone has turned it off`);
  if (throttles === 0) return holdUnseen(`the metrics of ${id} show no throttled invocation`);
  if (most < atItsLimit * reserved)
    return escalate(
      `${id} is throttled, but not by its reserved concurrency: it had ${most} executions at once, and ${reserved} are reserved`,
    );
  if ((raisedTo({ ...concurrency, unreserved: Number.POSITIVE_INFINITY }, policy) ?? 0) <= reserved)
    return escalate(`${reserved} executions are reserved for ${id} already, and the policy allows ${limits.max}`);
  if ((raisedTo(concurrency, policy) ?? 0) <= reserved)
    return escalate(
      `more can't be reserved for ${id}: ${minUnreserved} of the account's concurrency must be left to others, and ${unreserved} are`,
    );
  return pass;
};

/**
 * The reserved concurrency of a function is raised only if it is what throttles it: it is used up, and neither the policy nor the account is
 * at its end. A reserve often protects what is behind the function.
 */
export const concurrencyRoom = defineGuard({
  id: 'concurrency-room',
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
        addsCapacity: hasRoom,
        changesSoftware: none,
        starts: none,
        interrupts: none,
        removesFromService: none,
        destroys: none,
        changesAddress: none,
        repeatsWork: none,
        growsStorage: none,
      },
    },
  },
});
