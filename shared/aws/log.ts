import { Logger } from '@aws-lambda-powertools/logger';
import { withoutInvisible } from '../model/text.ts';
import type { Log } from '../ports/log.ts';

/**
 * Structured logs, one line of JSON each, with the request, the trace and the function:
 * https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/
 * The level is INFO, or what `POWERTOOLS_LOG_LEVEL` or Lambda's own setting says.
 */
export const createLogger = (): Logger => new Logger({ serviceName: 'selfheal', jsonReplacerFn: withoutInvisible });

const methods = { INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Adapts a logger to the port. */
export const logTo =
  (logger: Pick<Logger, 'info' | 'warn' | 'error'>): Log =>
  ({ level, message, ...fields }) =>
    logger[methods[level]](message, fields);
