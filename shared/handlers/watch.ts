import middy from '@middy/core';
import * as z from 'zod';
import { heartbeatOf } from '../notifications/metrics.ts';
import { unbounded } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { type OutOfServiceDeps, tellOutOfService } from '../recovery/out-of-service.ts';
import { type SweepDeps, sweep } from '../recovery/sweep.ts';
import { endedOf, executionEndSchema, watchExecution } from '../recovery/watch.ts';
import { liftZoneHold } from '../recovery/zone-over.ts';
import { homeOf } from './home.ts';

/** What EventBridge sends on a schedule. */
const scheduled = z.object({
  source: z.literal('aws.events'),
  'detail-type': z.literal('Scheduled Event'),
  detail: z.object({ sweep: z.literal('out-of-service').optional() }).optional(),
});

/** AWS Health, that an issue is over. */
const closedIssue = z.object({ source: z.literal('aws.health'), detail: z.object({ statusCode: z.literal('closed') }) });

/** Milliseconds before the function's end from which on no other execution is begun with: one may take most of it. */
const reserve = 20_000;

type WatchHandlerDeps = SweepDeps &
  OutOfServiceDeps & {
    log?: Log;
    /** Writes a line that CloudWatch reads metrics from; it has to stand alone. */
    write?: (line: string) => void;
    /** The namespace of the metrics in CloudWatch. */
    namespace?: string;
  };

/**
 * Executions that ended without an outcome of their own: one by the notice of its end, or on a schedule all whose notice was lost; and on
 * another schedule what is out of service by selfheal's doing. Also what AWS Health says is over, since it alone of all that hears of events
 * knows the ledger.
 */
export const createWatch = ({ log = () => {}, write = () => {}, namespace, ...given }: WatchHandlerDeps) => {
  const deps = { toldHere: new Map(), unsureHere: new Map(), seenHere: new Map(), ...given };
  const { bounded = unbounded } = deps;
  return middy().handler(async (event: unknown, context: { invokedFunctionArn: string; getRemainingTimeInMillis: () => number }) => {
    const schedule = scheduled.safeParse(event);
    if (schedule.data?.detail?.sweep === 'out-of-service') {
      const found = await tellOutOfService(deps);
      log({ level: found.told > 0 ? 'WARN' : 'INFO', message: 'out of service', ...found });
      return found;
    }
    if (schedule.success) {
      const left = () => context.getRemainingTimeInMillis();
      const half = left() / 2;
      const swept = await sweep({ ...deps, log, mayGoOn: () => left() > reserve, mayList: () => left() > Math.max(half, reserve) });
      log({ level: 'INFO', message: 'sweep', ...swept });
      write(JSON.stringify(heartbeatOf(deps.now(), swept.seenTo, namespace)));
      return swept;
    }
    if (closedIssue.safeParse(event).success) {
      const lifted = await bounded(() => liftZoneHold(event, deps.ledger, homeOf(context)));
      log({ level: 'INFO', message: 'issue closed', lifted });
      return lifted;
    }
    const ended = endedOf(executionEndSchema.parse(event));
    const outcome = await watchExecution(ended, deps, 'notice');
    log({ level: 'WARN', message: 'execution ended', incident: ended.key, status: ended.status, outcome: outcome?.status ?? null });
    return outcome;
  });
};
