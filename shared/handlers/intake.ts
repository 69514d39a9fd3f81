import middy from '@middy/core';
import { type IntakeDeps, takeIn } from '../incident/intake.ts';
import { homeOf } from './home.ts';

/** Events in: decodes and classifies them, and starts one durable execution for each incident. */
export const createIntake = (deps: Omit<IntakeDeps, 'home'>) =>
  middy().handler(async (event: unknown, context: { invokedFunctionArn: string }) => takeIn(event, { ...deps, home: homeOf(context) }));
