import { AwsError } from '../../../wire/protocol/errors.ts';

/**
 * The text that a protocol's subscribers get of a message that was published with `MessageStructure: json`, or of any other.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export const messageFor = (published: URLSearchParams, protocol: string): string => {
  const message = published.get('Message') ?? '';
  if (published.get('MessageStructure') !== 'json') return message;
  let texts: unknown;
  try {
    texts = JSON.parse(message);
  } catch {
    throw new AwsError('InvalidParameter', 'Invalid parameter: Message Structure - JSON message body failed to parse');
  }
  const { default: fallback, [protocol]: own } = (texts ?? {}) as Record<string, unknown>;
  if (typeof fallback !== 'string')
    throw new AwsError('InvalidParameter', 'Invalid parameter: Message Structure - No default entry in JSON message body');
  return typeof own === 'string' ? own : fallback;
};

/** The form of a Publish as fauxqs understands it: it delivers to queues alone and knows nothing of message structures. */
export const plainPublish = (published: URLSearchParams): URLSearchParams => {
  if (published.get('MessageStructure') === null) return published;
  const plain = new URLSearchParams(published);
  plain.set('Message', messageFor(published, 'sqs'));
  plain.delete('MessageStructure');
  return plain;
};
