/** A metric by the minute, oldest first; `at` is the start of a minute in milliseconds since the epoch. */
export type Series = readonly { at: number; value: number }[];

/** What processes the messages of a queue, and what is known of that from the last minutes. */
export type ConsumerEvidence = {
  queue: string;
  /** Of the queue itself. */
  received: Series;
  deleted: Series;
  /** Functions that Lambda invokes with its messages. */
  functions: readonly { name: string; qualifier: string | null; enabled: boolean; invocations: Series; errors: Series }[];
  /** What the policy or a tag names instead. */
  named: string | null;
};

/** `failing`: for the last time at `at`. `unseen`: nothing tells whether it works, and waiting does not change that. */
export type ConsumerVerdict =
  | { state: 'healthy' }
  | { state: 'failing'; at: number; because: string }
  | { state: 'unknown'; because: string }
  | { state: 'unseen'; because: string };

const sum = (series: Series): number => series.reduce((total, { value }) => total + value, 0);
const lastAbove = (series: Series): number | null => series.findLast(({ value }) => value > 0)?.at ?? null;

/** What of the received messages must at least have been deleted: some are still being processed. */
const mostlyDeleted = 0.9;

/** When a queue grew for the last time; null if it did not. */
export const lastGrowth = (messages: Series): number | null =>
  messages.findLast(({ value }, i) => i > 0 && value > (messages[i - 1]?.value ?? 0))?.at ?? null;

const ofFunction = (queue: string, one: ConsumerEvidence['functions'][number], isHealed: IsHealed): ConsumerVerdict => {
  const { name, invocations, errors } = one;
  if (sum(invocations) === 0 && isHealed(idsOf(one))) return { state: 'healthy' };
  if (sum(invocations) === 0) return { state: 'unseen', because: `function ${name} has not been invoked, so nothing shows that it works` };
  const failed = lastAbove(errors);
  if (failed !== null) return { state: 'failing', at: failed, because: `function ${name}, which processes ${queue}, fails` };
  // Lambda publishes both, or none: docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  return errors.length === 0 ? { state: 'unknown', because: `the errors of function ${name} are not known` } : { state: 'healthy' };
};

const byItsQueue = ({ queue, received, deleted, named }: ConsumerEvidence, now: number, isHealed: IsHealed): ConsumerVerdict => {
  if (received.length === 0 || deleted.length === 0) return { state: 'unknown', because: `the metrics of queue ${queue} are not known` };
  const [taken, done] = [sum(received), sum(deleted)];
  if (taken === 0 && named !== null && isHealed([named])) return { state: 'healthy' };
  if (taken === 0) return { state: 'unseen', because: `${named} has received nothing from ${queue}, so nothing shows that it works` };
  if (done >= taken * mostlyDeleted) return { state: 'healthy' };
  return { state: 'failing', at: now, because: `${named} has received ${taken} messages of ${queue} and processed ${done}` };
};

/** The ids by which incidents may be about what processes messages: a function with and without its alias, or as the policy names it. */
const idsOf = ({ name, qualifier }: ConsumerEvidence['functions'][number]): string[] => [
  `function/${name}`,
  ...(qualifier === null ? [] : [`function/${name}:${qualifier}`]),
];
type IsHealed = (ids: readonly string[]) => boolean;

/** The ids of what has had nothing to process, so that nothing shows whether it would; each with all names of one. */
export const idleIn = ({ received, deleted, functions, named }: ConsumerEvidence): string[][] => {
  const enabled = functions.filter((one) => one.enabled);
  if (functions.length > 0) return enabled.filter(({ invocations }) => sum(invocations) === 0).map(idsOf);
  return named !== null && received.length > 0 && deleted.length > 0 && sum(received) === 0 ? [[named]] : [];
};

/**
 * Whether a consumer has worked without a failure for as long as the evidence goes back. `isHealed`: what had nothing to process, and whose
 * own incident has ended well, works.
 */
export const judgeConsumer = (evidence: ConsumerEvidence, now: number, isHealed: IsHealed = () => false): ConsumerVerdict => {
  const { queue, functions, named } = evidence;
  const enabled = functions.filter((one) => one.enabled);
  if (functions.length > 0 && enabled.length === 0) {
    const names = functions.map(({ name }) => name).join(', ');
    return { state: 'unseen', because: `the event source mapping from ${queue} to function ${names} is not enabled` };
  }
  if (enabled.length > 0) {
    const verdicts = enabled.map((one) => ofFunction(queue, one, isHealed));
    return verdicts.find(({ state }) => state !== 'healthy') ?? { state: 'healthy' };
  }
  if (named !== null) return byItsQueue(evidence, now, isHealed);
  return {
    state: 'unseen',
    because: `nothing tells what processes ${queue}: no function is mapped to it, and neither the policy nor a tag names it`,
  };
};
