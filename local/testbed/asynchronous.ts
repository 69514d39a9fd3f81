import type { Clock } from '#local-aws';
import { minuteMs } from '../../shared/model/duration.ts';

/** A pending asynchronous invocation; `tries` of it have failed so far. */
export type Queued = { functionName: string; event: unknown; tries: number };

type Asynchronous = {
  push(functionName: string, event: unknown): void;
  /** Runs all pending invocations, and those added meanwhile; true if there were any. */
  run(): Promise<boolean>;
  /** Whether an event waits for its function or for a retry. */
  busy(): boolean;
};

/**
 * Lambda tries an asynchronous invocation that failed twice more, after one and after two minutes.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const retryDelays = [minuteMs, 120_000] as const;

/** Lambda's queue of asynchronous invocations. `onLost` is called for those that have failed for good, which go to a dead-letter queue. */
export const createAsynchronous = (
  clock: Pick<Clock, 'after'>,
  invoke: (queued: Queued) => Promise<void>,
  onLost: (queued: Queued, error: Error) => void,
): Asynchronous => {
  const pending: Queued[] = [];
  let retries = 0;

  const attempt = async (queued: Queued): Promise<void> => {
    try {
      await invoke(queued);
    } catch (error) {
      const delay = retryDelays[queued.tries];
      if (delay === undefined) return onLost(queued, error as Error);
      retries++;
      clock.after(delay, () => {
        retries--;
        pending.push({ ...queued, tries: queued.tries + 1 });
      });
    }
  };

  return {
    push: (functionName, event) => {
      pending.push({ functionName, event, tries: 0 });
    },
    run: async () => {
      const moved = pending.length > 0;
      for (let next = pending.shift(); next; next = pending.shift()) await attempt(next);
      return moved;
    },
    busy: () => pending.length > 0 || retries > 0,
  };
};
