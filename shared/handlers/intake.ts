import middy from '@middy/core';
import { type IntakeDeps, takeIn } from '../incident/intake.ts';

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME`: where we run, for events that don't say where they come from. */
const homeOf = ({ invokedFunctionArn }: { invokedFunctionArn: string }) => {
  const [, , , region = '', account = ''] = invokedFunctionArn.split(':');
  return { account, region };
};

/** Events in: decodes and classifies them, and starts one durable execution for each incident. */
export const createIntake = (deps: Omit<IntakeDeps, 'home'>) =>
  middy().handler(async (event: unknown, context: { invokedFunctionArn: string }) => takeIn(event, { ...deps, home: homeOf(context) }));
