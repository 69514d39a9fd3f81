import { CallbackError, type DurableContext, StepError, StepSemantics } from '@aws/durable-execution-sdk-js';
import { sortError } from '../aws/call.ts';
import type { Durable } from '../incident/durable.ts';

/** Steps bring their errors back as values, so one that throws all the same is a defect: trying it again would only hide it. */
const never = () => ({ shouldRetry: false }) as const;

/**
 * Asking a person goes by SNS, which may be throttled or down for a while: for most of an hour, without a draw of its own. What is refused
 * is not tried again: somebody has to know why nobody is asked.
 */
const patiently = (error: Error, tries: number) =>
  sortError(error).kind !== 'refused' && tries < 12
    ? ({ shouldRetry: true, delay: { seconds: Math.min(600, 5 * 2 ** tries) } } as const)
    : never();

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
  ask: async (name, seconds, submit) => {
    const [answer, callbackId] = await context.createCallback<string>(name, { timeout: { seconds } });
    try {
      await context.step(`${name}-request`, () => submit(callbackId), { retryStrategy: patiently });
      return { answer: await answer };
    } catch (error) {
      // Nobody answered, or somebody failed the callback by hand: no consent in any case.
      if (error instanceof CallbackError) return 'silence';
      if (error instanceof StepError) return { unreachable: error.cause?.message ?? error.message };
      throw error;
    }
  },
  wait: (name, seconds) => context.wait(name, { seconds }),
});
