import { CallbackError, type DurableContext, StepSemantics } from '@aws/durable-execution-sdk-js';
import type { Durable } from '../ports/durable.ts';

/** Steps bring their errors back as values, so one that throws all the same is a defect: trying it again would only hide it. */
const never = () => ({ shouldRetry: false }) as const;

/** Lambda's durable context as the driver wants it. The only file, with its handler, that knows the engine. */
export const durableOf = (context: DurableContext): Durable => ({
  step: (name, run) => context.step(name, run, { retryStrategy: never }),
  once: async (name, run) => {
    try {
      return await context.step(name, run, { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: never });
    } catch (error) {
      // The process died between the step's start and its end: the engine can't say whether it took effect. Only the name of the
      // cause survives a checkpoint, so it has the word, the first time as on every replay.
      if (((error as Error).cause as Error | undefined)?.name === 'StepInterruptedError') return null;
      throw error;
    }
  },
  callback: async (name, seconds) => {
    const [answered, callbackId] = await context.createCallback<string>(name, { timeout: { seconds } });
    const answer = async () => {
      try {
        return await answered;
      } catch (error) {
        // Nobody answered, or somebody failed the callback by hand: no consent in any case.
        if (error instanceof CallbackError) return null;
        throw error;
      }
    };
    return { callbackId, answer };
  },
  wait: (name, seconds) => context.wait(name, { seconds }),
});
