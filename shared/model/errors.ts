/**
 * An error of selfheal's own. Its name is what crosses a border: a code in outcomes and in the ledger, a function's error type, a log line.
 * It stays as it is, whatever becomes of the class.
 */
export abstract class SelfhealError extends Error {
  abstract override readonly name: string;
}

/** One that nobody catches by its class: it is read by its name, as AWS's own are. */
export class CodedError extends SelfhealError {
  override readonly name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** As of an answer that AWS would give again: no other try mends it. */
export class RefusedError extends CodedError {
  readonly $metadata = { httpStatusCode: 400 };
}

/** What is asked for, or a file that it names, can't be used: the message says why, in a line each. */
export class UsageError extends SelfhealError {
  override readonly name = 'UsageError';
}

/** The name of whatever was thrown; empty where it has none. AWS's errors carry their code in it. */
export const errorName = (error: unknown): string => {
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return typeof name === 'string' ? name : '';
};

/** Whether what was thrown has one of these names. */
export const isNamed = (error: unknown, ...names: readonly string[]): boolean => names.includes(errorName(error));

/** What whatever was thrown says. */
export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
