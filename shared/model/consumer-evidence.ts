/** A metric by the minute, oldest first; `at` is the start of a minute in milliseconds since the epoch. */
export type Series = readonly { at: number; value: number }[];

/** What processes the messages of a queue, and what is known of that from the last minutes. */
export type ConsumerEvidence = {
  queue: string;
  /** Of the queue itself. */
  received: Series;
  deleted: Series;
  /** Functions that Lambda invokes with its messages. */
  functions: readonly { name: string; enabled: boolean; invocations: Series; errors: Series }[];
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

const ofFunction = (queue: string, { name, invocations, errors }: ConsumerEvidence['functions'][number]): ConsumerVerdict => {
  if (sum(invocations) === 0) return { state: 'unseen', because: `function ${name} has not been invoked, so nothing shows that it works` };
  const failed = lastAbove(errors);
  if (failed !== null) return { state: 'failing', at: failed, because: `function ${name}, which processes ${queue}, fails` };
  // Lambda publishes both, or none: docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  return errors.length === 0 ? { state: 'unknown', because: `the errors of function ${name} are not known` } : { state: 'healthy' };
};

const byItsQueue = ({ queue, received, deleted, named }: ConsumerEvidence, now: number): ConsumerVerdict => {
  if (received.length === 0 || deleted.length === 0) return { state: 'unknown', because: `the metrics of queue ${queue} are not known` };
  const [taken, done] = [sum(received), sum(deleted)];
  if (taken === 0) return { state: 'unseen', because: `${named} has received nothing from ${queue}, so nothing shows that it works` };
  if (done >= taken * mostlyDeleted) return { state: 'healthy' };
  return { state: 'failing', at: now, because: `${named} has received ${taken} messages of ${queue} and processed ${done}` };
};

/** Whether a consumer has worked without a failure for as long as the evidence goes back. */
export const judgeConsumer = (evidence: ConsumerEvidence, now: number): ConsumerVerdict => {
  const { queue, functions, named } = evidence;
  const enabled = functions.filter((one) => one.enabled);
  if (functions.length > 0 && enabled.length === 0) {
    const names = functions.map(({ name }) => name).join(', ');
    return { state: 'unseen', because: `the event source mapping from ${queue} to function ${names} is not enabled` };
  }
  if (enabled.length > 0) {
    const verdicts = enabled.map((one) => ofFunction(queue, one));
    return verdicts.find(({ state }) => state !== 'healthy') ?? { state: 'healthy' };
  }
  if (named !== null) return byItsQueue(evidence, now);
  return {
    state: 'unseen',
    because: `nothing tells what processes ${queue}: no function is mapped to it, and neither the policy nor a tag names it`,
  };
};
