import * as z from 'zod';

/** https://docs.aws.amazon.com/cli/latest/reference/sqs/receive-message.html */
const receivedSchema = z.object({
  Messages: z.array(z.object({ MessageId: z.string(), Body: z.string(), Attributes: z.record(z.string(), z.string()).optional() })),
});

/**
 * The messages that `aws sqs receive-message` prints, each as Lambda would have been given it; null for anything else.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export const receivedIn = (value: unknown): unknown[] | null => {
  if (typeof value !== 'object' || value === null || !('Messages' in value)) return null;
  const read = receivedSchema.safeParse(value);
  if (!read.success) return null;
  return read.data.Messages.map(({ MessageId, Body, Attributes = {} }) => {
    return { Records: [{ messageId: MessageId, body: Body, attributes: Attributes, eventSource: 'aws:sqs' }] };
  });
};
