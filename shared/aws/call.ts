import { isNamed } from '../model/errors.ts';
import type { CallError, Result } from '../ports/call-result.ts';

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

/** Classifies an error by its code and status. Anything but a 4xx response is uncertain. */
export const classifyError = (error: unknown): CallError => {
  const { name, message, Code, call, $metadata } = (error ?? {}) as Record<string, unknown> & { $metadata?: { httpStatusCode?: number } };
  const code = text(Code ?? name, 'UnknownError');
  const status = $metadata?.httpStatusCode;
  const said = text(message, code);
  const about = { code, message: said, ...(typeof call === 'string' ? { call } : {}) };
  if (throttles.has(code)) return { kind: 'throttled', ...about };
  if (status !== undefined && status >= 400 && status < 500) return { kind: status === 429 ? 'throttled' : 'refused', ...about };
  return { kind: 'uncertain', ...about };
};

/**
 * Error codes of missing permissions.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and each service's common errors
 */
const denials = new Set([
  'UnauthorizedOperation',
  'AccessDenied',
  'AccessDeniedException',
  'ResourceAccessDenied',
  'AuthorizationError',
  'AuthFailure',
  'NotAuthorized',
]);

/** Whether a permission is missing: no retry and no other action helps. */
export const isDenied = ({ kind, code }: CallError): boolean => kind === 'refused' && denials.has(code);

/** Whether DynamoDB rejected a write because its condition does not hold. */
export const isConditionFailure = (error: unknown): boolean => isNamed(error, 'ConditionalCheckFailedException');

/** Describes an error for people: the call, the code and the message. */
export const explain = ({ code, message, call }: CallError): string =>
  `${call === undefined ? '' : `${call}: `}${message === code ? code : `${code}: ${message}`}`;

/** Runs a call and returns its result or its classified error; never throws. */
export const attempt = async <T>(run: () => Promise<T>): Promise<Result<T>> => {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return { ok: false, error: classifyError(error) };
  }
};
