/** One line for the logs: what happened, and to what. It never contains an approval link or a secret. */
export type LogEntry = { level: 'INFO' | 'WARN' | 'ERROR'; message: string } & Record<string, unknown>;

/** Writes to the logs. */
export type Log = (entry: LogEntry) => void;
