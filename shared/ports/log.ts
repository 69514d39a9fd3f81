/** One line for the logs: what happened, and what it is about. Never a link by which somebody could decide, and no secret. */
export type LogEntry = { level: 'INFO' | 'WARN' | 'ERROR'; message: string } & Record<string, unknown>;

export type Log = (entry: LogEntry) => void;
