/** A function's invocation, as the host of the local AWS is asked to carry it out. */
export type Invocation = {
  functionName: string;
  /** A version or an alias. */
  qualifier: string | undefined;
  /** `Event` is asynchronous: the host queues it and returns at once. */
  type: 'Event' | 'RequestResponse';
  /** The name that makes a durable execution unique. */
  executionName: string | undefined;
  payload: unknown;
};

export type InvocationResult = {
  /** What the function returned. */
  payload?: unknown;
  /** What it threw. */
  error?: { errorType: string; errorMessage: string };
  /** Of a durable function. */
  durableExecutionArn?: string;
  /** The version that ran; `$LATEST` where it is left out. */
  version?: string;
};

/**
 * Carries out an invocation, or says undefined where no function has this name. It may throw an `AwsError` for what Lambda refuses,
 * such as a durable execution's name that was used with another payload.
 */
export type OnInvoke = (invocation: Invocation) => InvocationResult | undefined | Promise<InvocationResult | undefined>;

/** Answers a durable execution's callback; false for one that is unknown, answered or timed out. */
export type OnCallback = (callbackId: string, answer: { result: string } | { error: string }) => boolean;

/** A durable execution as Lambda lists it; times in milliseconds since the epoch. */
export type ListedExecution = {
  name: string;
  arn: string;
  functionName: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';
  startedAt: number;
  endedAt: number | undefined;
};

export type LambdaHooks = {
  onInvoke?: OnInvoke | undefined;
  onCallback?: OnCallback | undefined;
  /** All durable executions, in the order of their starts. */
  executions?: (() => Iterable<ListedExecution>) | undefined;
  /** How many executions the account may have at once, and what of them functions have reserved, by their names. */
  concurrency?: { limit: number; reserved: Readonly<Record<string, number>> } | undefined;
};
