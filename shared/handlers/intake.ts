import middy from '@middy/core';
import { type IntakeDeps, ingest } from '../intake/ingest.ts';
import { homeOf } from './home.ts';

type Context = { invokedFunctionArn: string; getRemainingTimeInMillis: () => number };

/** Decodes and classifies events, and starts one durable execution per incident. */
export const createIntake = (deps: Omit<IntakeDeps, 'home' | 'timeLeft'>) =>
  middy().handler(async (event: unknown, context: Context) =>
    ingest(event, { ...deps, home: homeOf(context), timeLeft: () => context.getRemainingTimeInMillis() }),
  );
