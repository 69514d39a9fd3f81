import middy from '@middy/core';
import * as z from 'zod';
import { type SweepDeps, sweep } from '../incident/sweep.ts';
import { endedOf, executionEndSchema, watchExecution } from '../incident/watch.ts';

/** What EventBridge sends on a schedule. */
const scheduled = z.object({ source: z.literal('aws.events'), 'detail-type': z.literal('Scheduled Event') });

/** Executions that ended without an outcome of their own: one by the notice of its end, or on a schedule all whose notice was lost. */
export const createWatch = (deps: SweepDeps) =>
  middy().handler(async (event: unknown) =>
    scheduled.safeParse(event).success ? sweep(deps) : watchExecution(endedOf(executionEndSchema.parse(event)), deps),
  );
