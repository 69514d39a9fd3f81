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

export type RemediateDeps = DriverDeps & { logger?: RemediateLogger; bounded?: Bounded };

/** The engine's own way to log knows what is a replay: each line is written once. */
const logging = (durable: Durable, context: DurableContext, logger: RemediateLogger): Durable => {
  context.configureLogger({ customLogger: logger });
  logger.addContext?.(context.lambdaContext);
  return { ...durable, log: (message, fields) => context.logger.info(message, fields) };
};

/** Every step by itself: one that is given up ends like one whose answers are lost. */
const limiting = (durable: Durable, bounded: Bounded): Durable => ({
  ...durable,
  step: (name, run) => durable.step(name, () => bounded(run)),
  once: (name, run) => durable.once(name, () => bounded(run)),
});

/**
 * One incident, from its first look to its outcome, on Lambda's durable engine. What it starts with is validated like any input:
 * an execution can be started by anybody who may invoke the function.
 */
export const createRemediate = (
  { logger, bounded = unbounded, ...deps }: RemediateDeps,
  adapt: (context: DurableContext) => Durable = durableOf,
): DurableLambdaHandler => {
  const run = async (event: unknown, context: DurableContext) => {
    // What intake could not put into the ledger it hands over whole.
    const isBrief = (event as { inbox?: unknown } | null)?.inbox === true;
    const incident = isBrief ? briefSchema.parse(event) : incidentSchema.parse(event);
    const limited = limiting(adapt(context), bounded);
    const durable = logger ? logging(limited, context, logger) : limited;
    return runIncident(incident, durable, { home: homeOf(context.lambdaContext), ...deps });
  };
  // The zero matters: middy's early time-out would leave a timer that fires after the execution has been suspended. The casts are
  // needed since middy's types know neither the mode nor what it makes of the handler.
  const options = { executionMode: executionModeDurableContext, timeoutEarlyInMillis: 0 } as object;
  return middy(options).handler(run as never) as unknown as DurableLambdaHandler;
};
