import type { Log, LogEntry } from '../../shared/ports/log.ts';

/** What a durable function logs with, as lines of the same kind as every other function's. */
export const loggerTo = (log: Log) => {
  const at = (level: LogEntry['level']) => (message: string, fields: object) => log({ level, message, ...fields });
  return { debug: () => {}, info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
};
