/**
 * Why a call to AWS failed, as far as it decides what comes next.
 * - `throttled`: refused for its rate, without effect: try again later.
 * - `uncertain`: nobody knows whether it took effect (a lost answer, a time-out, an internal error): look before doing anything.
 * - `refused`: it will not work by trying again (denied, not found, wrong state, invalid).
 */
export type CallError = { kind: 'throttled' | 'uncertain' | 'refused'; code: string; message: string };

export type Result<T> = { ok: true; value: T } | { ok: false; error: CallError };

const throttles = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'Throttled',
  'ThrottledException',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'PriorRequestNotComplete',
  'ScalingActivityInProgress',
  'ScalingActivityInProgressFault',
  'ResourceContention',
  'ResourceContentionFault',
]);

const text = (value: unknown, fallback: string): string => (typeof value === 'string' && value !== '' ? value.slice(0, 500) : fallback);

/** Sorts an error by its code and status; anything that didn't come back as an answer of 4xx is uncertain. */
export const sortError = (error: unknown): CallError => {
  const { name, message, Code, $metadata } = (error ?? {}) as Record<string, unknown> & { $metadata?: { httpStatusCode?: number } };
  const code = text(Code ?? name, 'UnknownError');
  const status = $metadata?.httpStatusCode;
  const said = text(message, code);
  if (throttles.has(code)) return { kind: 'throttled', code, message: said };
  if (status !== undefined && status >= 400 && status < 500) return { kind: status === 429 ? 'throttled' : 'refused', code, message: said };
  return { kind: 'uncertain', code, message: said };
};

/** Runs a call and gives its answer or its sorted error; never throws. */
export const attempt = async <T>(run: () => Promise<T>): Promise<Result<T>> => {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return { ok: false, error: sortError(error) };
  }
};
