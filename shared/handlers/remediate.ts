import type { DurableContext, DurableLambdaHandler, DurableLogger } from '@aws/durable-execution-sdk-js';
import middy from '@middy/core';
import { executionModeDurableContext } from '@middy/core/DurableContext';
import { briefSchema, incidentSchema } from '../model/incident.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Durable } from '../ports/durable.ts';
import type { DriverDeps } from '../remediation/deps.ts';
import { runIncident } from '../remediation/driver.ts';
import { durableOf } from './durable-context.ts';
import { homeOf } from './home.ts';

type RemediateLogger = DurableLogger & { addContext?(context: DurableContext['lambdaContext']): void };

/** What the handler needs. */
export type RemediateDeps = DriverDeps & { logger?: RemediateLogger; bounded?: Bounded };

/** Logs through the engine, which skips lines on replay. */
const logging = (durable: Durable, context: DurableContext, logger: RemediateLogger): Durable => {
  context.configureLogger({ customLogger: logger });
  logger.addContext?.(context.lambdaContext);
  return { ...durable, log: (message, fields) => context.logger.info(message, fields) };
};

/** Limits each step separately: one that is cut off ends as if its response was lost. */
const limiting = (durable: Durable, bounded: Bounded): Durable => ({
  ...durable,
  step: (name, run) => durable.step(name, () => bounded(run)),
  once: (name, run) => durable.once(name, () => bounded(run)),
  poll: (name, check) => durable.poll(name, (before, count) => bounded(() => check(before, count))),
});

/**
 * Treats one incident, from its first look to its outcome, on Lambda's durable engine. The input is validated, since anyone who may invoke
 * the function can start an execution.
 */
export const createRemediate = (
  { logger, bounded = unbounded, ...deps }: RemediateDeps,
  adapt: (context: DurableContext) => Durable = durableOf,
): DurableLambdaHandler => {
  const run = async (event: unknown, context: DurableContext) => {
    // If the ledger was unavailable, intake passes the whole incident.
    const isBrief = (event as { inbox?: unknown } | null)?.inbox === true;
    const incident = isBrief ? briefSchema.parse(event) : incidentSchema.parse(event);
    const limited = limiting(adapt(context), bounded);
    const durable = logger ? logging(limited, context, logger) : limited;
    return runIncident(incident, durable, { home: homeOf(context.lambdaContext), ...deps });
  };
  // The zero matters: middy's early timeout would leave a timer that fires after the execution is suspended. The casts are needed because
  // middy's types lack the mode and its handler.
  const options = { executionMode: executionModeDurableContext, timeoutEarlyInMillis: 0 } as object;
  return middy(options).handler(run as never) as unknown as DurableLambdaHandler;
};
