import { Malformed } from '../model/malformed.ts';
import { isFields } from './module.ts';

/**
 * What the decoder takes on. `text`: bytes of the largest message that SNS, SQS, EventBridge or an asynchronous invocation delivers;
 * `record`: with what a queue or a topic wraps around it. `records` and `bytes` of an invocation: the largest batch, and Lambda's payload.
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 * docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
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

/** What an invocation has left, however its records are nested; `visits` tells how much was looked at. */
export type Budget = { records: number; bytes: number; visits: number };

export const newBudget = (): Budget => ({ records: limits.records, bytes: limits.bytes, visits: 0 });

/**
 * How many bytes the JSON of a value has at least, and how many values. Stops as soon as either is too much: a loop, so that no nesting is
 * too deep for it.
 */
const weigh = (value: unknown, mostBytes: number, mostValues: number): number => {
  const waiting = [value];
  let bytes = 0;
  const check = (values: number) => {
    // Each value that waits has a byte at least.
    if (bytes + waiting.length > mostBytes) throw new Malformed('record', `larger than ${mostBytes} bytes`);
    if (values + waiting.length > mostValues) throw new Malformed('event', `more than ${mostValues} values`);
  };
  for (let values = 1; waiting.length > 0; values++) {
    const next = waiting.pop();
    bytes += typeof next === 'string' ? Buffer.byteLength(next) + 2 : 1;
    if (Array.isArray(next)) {
      for (const part of next) {
        waiting.push(part);
        check(values);
      }
    } else if (isFields(next)) {
      for (const key of Object.keys(next)) {
        bytes += key.length + 2;
        waiting.push(next[key]);
        check(values);
      }
    } else check(values);
  }
  return bytes;
};

/** Takes a record on, by its size: one that is too large is looked at no further. */
export const admit = (budget: Budget, record: unknown): number => {
  const bytes = weigh(record, limits.record, Number.POSITIVE_INFINITY);
  if (bytes > budget.bytes) throw new Malformed('record', `over the ${limits.bytes} bytes that are read in one invocation`);
  budget.bytes -= bytes;
  return bytes;
};

/** Takes the records of a batch inside a record on, all or none. */
export const admitBatch = (budget: Budget, records: readonly unknown[], field: string): void => {
  if (records.length > budget.records) throw new Malformed(field, `over the ${limits.records} records that are read in one invocation`);
  budget.records -= records.length;
};

/** A text before it is parsed. What is nested without end takes more memory than anything else of its length. */
export const checkText = (text: string, field: string): void => {
  if (Buffer.byteLength(text) > limits.text) throw new Malformed(field, `longer than ${limits.text} bytes`);
  if (text.length > limits.values && nesting(text) > limits.nesting)
    throw new Malformed(field, `nested more than ${limits.nesting} levels deep`);
};

/** How deep the brackets of a JSON text are nested, without parsing it. */
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

/** An event before its schema looks at each of its values, and remembers what is wrong with each. Few bytes hold no more than a few. */
export const checkValues = (event: unknown, bytesOfRecord: number): void => {
  if (bytesOfRecord > limits.values) weigh(event, limits.record, limits.values);
};
