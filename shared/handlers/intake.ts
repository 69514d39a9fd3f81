import middy from '@middy/core';
import { type IntakeDeps, takeIn } from '../incident/intake.ts';

/** Events in: decodes and classifies them, and starts one durable execution for each incident. */
export const createIntake = (deps: IntakeDeps) => middy().handler(async (event: unknown) => takeIn(event, deps));
