import { AwsError } from '../../../wire/protocol/errors.ts';
import type { FunctionStore } from '../model/functions.ts';
import type { Invocation, InvocationResult, OnInvoke } from '../model/hooks.ts';
import type { Mappings } from '../model/mappings.ts';
import { parseFunctionName } from '../model/name.ts';

export type Invoker = (invocation: Invocation) => Promise<InvocationResult | undefined>;

/**
 * Invokes a function that only stands here so many times: each ends as its version's code does, is counted like any other, and returns
 * nothing. What it was, and how many of them failed; undefined where there is no such function, version or alias.
 */
const createRunner = (store: FunctionStore, now: () => number) => (name: string, target: string, times: number) => {
  const found = store.get(name);
  if (!found) return undefined;
  const [first, second] = store.routed(found, target);
  const version = (second && store.random.chance(second.share) ? second : first)?.version ?? '';
  const ran = found.versions.get(version);
  if (!ran) return undefined;
  const { errors, durationMs, timeoutMs } = store.behaviourOf(found, ran);
  const count = (ended: Parameters<typeof store.traffic.add>[3]) =>
    store.traffic.add(now(), name, { target, version, durationMs, timeoutMs }, ended);
  // Nothing else is throttled here: a few invocations more find room.
  if (found.reserved === 0) {
    if (times > 0) count({ throttled: times });
    return { version, failed: times, throttled: true };
  }
  const expected = durationMs >= timeoutMs ? times : times * errors;
  const failed = Math.floor(expected) + (store.random.chance(expected % 1) ? 1 : 0);
  if (times > 0) count({ accepted: times, failed });
  return { version, failed, throttled: false };
};

/** Who carries an invocation out: the host, or, for a function that only stands here, nobody. */
export const createInvoker = (store: FunctionStore, now: () => number, onInvoke: OnInvoke): Invoker => {
  const run = createRunner(store, now);
  return async (invocation) => {
    const carriedOut = await onInvoke(invocation);
    if (carriedOut) return carriedOut;
    const ran = run(invocation.functionName, invocation.qualifier ?? '', 1);
    if (ran?.throttled) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    if (!ran) return undefined;
    return { version: ran.version, ...(ran.failed > 0 ? { error: { errorType: 'Error', errorMessage: 'the function failed' } } : {}) };
  };
};

/**
 * Hands messages of a queue to a function, one at a time; how many of them fail. Undefined where it takes none: all its mappings are
 * disabled, or it is throttled, or it doesn't exist.
 */
export const createWorker = (store: FunctionStore, now: () => number, { all }: Mappings) => {
  const run = createRunner(store, now);
  return (functionName: string, messages: number): number | undefined => {
    const { name, qualifier = '' } = parseFunctionName(functionName);
    const own = [...all.values()].filter((mapping) => mapping.functionName === name);
    if (own.length > 0 && !own.some(({ state }) => state === 'Enabled' || state === 'Updating')) return undefined;
    const ran = run(name, qualifier, messages);
    return ran === undefined || ran.throttled ? undefined : ran.failed;
  };
};
