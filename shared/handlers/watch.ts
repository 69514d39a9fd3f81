import middy from '@middy/core';
import { executionEndSchema, type WatchDeps, watchExecution } from '../incident/watch.ts';

/** Executions that ended without an outcome of their own. */
export const createWatch = (deps: WatchDeps) =>
  middy().handler(async (event: unknown) => watchExecution(executionEndSchema.parse(event), deps));
