import middy from '@middy/core';
import { type IntakeDeps, takeIn } from '../intake/ingest.ts';
import { homeOf } from './home.ts';

type Context = { invokedFunctionArn: string; getRemainingTimeInMillis: () => number };

/** Events in: decodes and classifies them, and starts one durable execution for each incident. */
export const createIntake = (deps: Omit<IntakeDeps, 'home' | 'timeLeft'>) =>
  middy().handler(async (event: unknown, context: Context) =>
    takeIn(event, { ...deps, home: homeOf(context), timeLeft: () => context.getRemainingTimeInMillis() }),
  );
