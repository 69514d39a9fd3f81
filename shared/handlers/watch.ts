import middy from '@middy/core';
import * as z from 'zod';
import type { Log } from '../aws/log.ts';
import { type SweepDeps, sweep } from '../incident/sweep.ts';
import { endedOf, executionEndSchema, watchExecution } from '../incident/watch.ts';
import { heartbeatOf } from '../notify/metrics.ts';

/** What EventBridge sends on a schedule. */
const scheduled = z.object({ source: z.literal('aws.events'), 'detail-type': z.literal('Scheduled Event') });

type WatchHandlerDeps = SweepDeps & {
  log?: Log;
  /** Writes a line that CloudWatch reads metrics from; it has to stand alone. */
  write?: (line: string) => void;
  /** The namespace of the metrics in CloudWatch. */
  namespace?: string;
};

/** Executions that ended without an outcome of their own: one by the notice of its end, or on a schedule all whose notice was lost. */
export const createWatch = ({ log = () => {}, write = () => {}, namespace, ...deps }: WatchHandlerDeps) =>
  middy().handler(async (event: unknown) => {
    if (scheduled.safeParse(event).success) {
      const swept = await sweep(deps);
      log({ level: 'INFO', message: 'sweep', ...swept });
      write(JSON.stringify(heartbeatOf(deps.now(), swept.seenTo, namespace)));
      return swept;
    }
    const ended = endedOf(executionEndSchema.parse(event));
    const outcome = await watchExecution(ended, deps);
    log({ level: 'WARN', message: 'execution ended', incident: ended.key, status: ended.status, outcome: outcome?.status ?? null });
    return outcome;
  });
