import { MalformedEventError } from '../model/malformed.ts';
import { isFields } from './module.ts';

/**
 * Limits of the decoder. `text`: bytes of the largest message from SNS, SQS, EventBridge or an asynchronous invocation. `record`: with the
 * envelope of a queue or topic. `records` and `bytes` per invocation: the largest batch, and Lambda's payload limit.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const limits = {
  levels: 6,
  text: 1_048_576,
  record: 1_114_112,
  values: 20_000,
  nesting: 1_000,
  records: 10_000,
  bytes: 6_291_456,
} as const;

/** What is left of an invocation's limits, however its records are nested; `visits` counts the inspected values. */
export type Budget = { records: number; bytes: number; visits: number };

/** The budget of a new invocation. */
export const newBudget = (): Budget => ({ records: limits.records, bytes: limits.bytes, visits: 0 });

/** To count the bytes of each string takes longer than all else that is done with most: shorter ones count as a byte a character, which is the least. */
const counted = 4096;
const bytesIn = (text: string): number => (text.length < counted ? text.length : Buffer.byteLength(text));

/**
 * A lower bound of the bytes of a value's JSON, and its number of values. Stops at either limit. A loop, so that deep nesting can't
 * overflow the stack; only what has values inside waits for its turn.
 */
const weigh = (value: unknown, maxBytes: number, maxValues: number): number => {
  const waiting: object[] = [];
  let bytes = 0;
  let values = 0;
  const count = (next: unknown) => {
    values += 1;
    bytes += typeof next === 'string' ? bytesIn(next) + 2 : 1;
    if (typeof next === 'object' && next !== null) waiting.push(next);
    if (bytes > maxBytes) throw new MalformedEventError('record', `larger than ${maxBytes} bytes`);
    if (values > maxValues) throw new MalformedEventError('event', `more than ${maxValues} values`);
  };
  count(value);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) for (const part of next) count(part);
    else if (isFields(next))
      for (const key in next) {
        bytes += key.length + 2;
        count(next[key]);
      }
  }
  return bytes;
};

/**
 * Charges a record to the budget and returns its size.
 * @throws {MalformedEventError} if it is too large
 */
export const admit = (budget: Budget, record: unknown): number => {
  const bytes = weigh(record, limits.record, Number.POSITIVE_INFINITY);
  if (bytes > budget.bytes) throw new MalformedEventError('record', `over the ${limits.bytes} bytes that are read in one invocation`);
  budget.bytes -= bytes;
  return bytes;
};

/**
 * Charges the records of a nested batch to the budget, all or none.
 * @throws {MalformedEventError} if they are too many
 */
export const admitBatch = (budget: Budget, records: readonly unknown[], field: string): void => {
  if (records.length > budget.records)
    throw new MalformedEventError(field, `over the ${limits.records} records that are read in one invocation`);
  budget.records -= records.length;
};

/**
 * Checks a text before it is parsed. Deep nesting takes more memory than any other text of the same length.
 * @throws {MalformedEventError} if it is too long or too deeply nested
 */
export const checkText = (text: string, field: string): void => {
  // Most are too short to be counted: a character takes three bytes at most.
  if (text.length * 3 > limits.text && Buffer.byteLength(text) > limits.text)
    throw new MalformedEventError(field, `longer than ${limits.text} bytes`);
  if (text.length > limits.values && nesting(text) > limits.nesting)
    throw new MalformedEventError(field, `nested more than ${limits.nesting} levels deep`);
};

/** The nesting depth of a JSON text, without parsing it. */
const nesting = (text: string): number => {
  let deepest = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (quoted) {
      if (character === backslash) at++;
      else if (character === quote) quoted = false;
    } else if (character === quote) quoted = true;
    else if (character === openBracket || character === openBrace) deepest = Math.max(deepest, ++depth);
    else if (character === closeBracket || character === closeBrace) depth--;
  }
  return deepest;
};
const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [34, 92, 91, 93, 123, 125];

/**
 * Checks the number of values before a schema reports on each of them. A small event needs no check.
 * @throws {MalformedEventError} if there are too many
 */
export const checkValues = (event: unknown, bytesOfRecord: number): void => {
  if (bytesOfRecord > limits.values) weigh(event, limits.record, limits.values);
};
