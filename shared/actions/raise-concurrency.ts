import { LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import type { Policy } from '../model/policy.ts';
import type { ConcurrencyFacts, ResourceSnapshot } from '../model/snapshot.ts';
import { defineAction, serviceTarget } from './action.ts';

/** What must be left to functions without a reserve. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
export const minUnreserved = 100;

/** What is reserved after one step: a share more, at least one more, never above the policy's maximum, nor beyond what the account has. */
export const raisedTo = (
  { reserved, unreserved }: ConcurrencyFacts,
  { lambda: { concurrency } }: Pick<Policy, 'lambda'>,
): number | null => {
  if (reserved === null || !concurrency) return null;
  const wanted = Math.min(concurrency.max, reserved + Math.max(1, Math.ceil(reserved * concurrency.step)));
  return Math.max(reserved, Math.min(wanted, reserved + unreserved - minUnreserved));
};

const concurrencyOf = ({ service }: ResourceSnapshot): ConcurrencyFacts | null =>
  service?.kind === 'function' ? service.concurrency : null;

export const raiseConcurrency = defineAction({
  id: 'raise-concurrency',
  permissions: ['lambda:PutFunctionConcurrency'],
  effects: ['addsCapacity'],
  downtime: null,
  undo: 'reserve as much as before, as selfheal does once it has been calm for long enough',
  raises: ({ facts, policy }) => {
    const concurrency = concurrencyOf(facts);
    const to = concurrency && raisedTo(concurrency, policy);
    return to === null || concurrency?.reserved == null ? null : { from: concurrency.reserved, to };
  },
  target: serviceTarget('function'),
  verb: { base: 'raise', past: 'raised' },
  object: ({ target, facts, policy }) => {
    const concurrency = concurrencyOf(facts);
    const to = concurrency && raisedTo(concurrency, policy);
    return `the reserved concurrency of function ${target.id} from ${concurrency?.reserved ?? '?'} to ${to ?? '?'}`;
  },
  steps: [
    {
      name: 'put-concurrency',
      done: (facts, { before, policy }) => {
        const [now, was] = [concurrencyOf(facts)?.reserved ?? null, concurrencyOf(before)];
        const to = was && raisedTo(was, policy);
        return now !== null && to !== null && now >= to;
      },
      // An absolute value, so that a repeated call changes nothing.
      call: async (clients, { target, facts, policy, dryRun }) => {
        const concurrency = concurrencyOf(facts);
        const to = concurrency && raisedTo(concurrency, policy);
        if (dryRun || to === null) return;
        const input = { FunctionName: target.id, ReservedConcurrentExecutions: to };
        await clients.of(LambdaClient).send(new PutFunctionConcurrencyCommand(input));
      },
    },
  ],
});
