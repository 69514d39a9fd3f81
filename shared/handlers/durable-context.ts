import { CallbackError, type DurableContext, StepSemantics } from '@aws/durable-execution-sdk-js';
import { isNamed } from '../model/errors.ts';
import type { Checked, Durable } from '../ports/durable.ts';

/** Steps return errors as values, so one that throws is a defect that a retry would hide. */
const never = () => ({ shouldRetry: false }) as const;

/** Adapts Lambda's durable context to the port. Only this file and its handler know the engine. */
export const durableOf = (context: DurableContext): Durable => ({
  step: (name, run) => context.step(name, run, { retryStrategy: never }),
  once: async (name, run) => {
    try {
      return await context.step(name, run, { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: never });
    } catch (error) {
      // The process died during the step, so the engine can't say whether it took effect. Only the name of the cause survives a checkpoint,
      // so it is what decides, on replays as well.
      if (error instanceof Error && isNamed(error.cause, 'StepInterruptedError')) return null;
      throw error;
    }
  },
  poll: async <T>(name: string, check: (before: T | null, count: number) => Promise<Checked<T>>) => {
    type Polled = { value: T | null; again: number | null; count: number };
    const initialState: Polled = { value: null, again: null, count: 0 };
    const { value, count } = await context.waitForCondition<Polled>(
      name,
      async ({ value, count }) => ({ ...(await check(value, count + 1)), count: count + 1 }),
      {
        initialState,
        waitStrategy: ({ again }) => (again === null ? { shouldContinue: false } : { shouldContinue: true, delay: { seconds: again } }),
      },
    );
    return { value: value as T, count };
  },
  callback: async (name, seconds) => {
    const [answered, callbackId] = await context.createCallback<string>(name, { timeout: { seconds } });
    const answer = async () => {
      try {
        return await answered;
      } catch (error) {
        // The callback timed out or was failed by hand: no approval in either case.
        if (error instanceof CallbackError) return null;
        throw error;
      }
    };
    return { callbackId, answer };
  },
  wait: (name, seconds) => context.wait(name, { seconds }),
});
