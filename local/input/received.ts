import * as z from 'zod';

/** https://docs.aws.amazon.com/cli/latest/reference/sqs/receive-message.html */
const messageSchema = z.object({ MessageId: z.string(), Body: z.string(), Attributes: z.record(z.string(), z.string()).optional() });
type Message = z.infer<typeof messageSchema>;

const receivedSchema = z.union([
  z.object({ Messages: z.array(messageSchema) }).transform(({ Messages }) => Messages),
  // With --query Messages, or --query 'Messages[0]'.
  z.array(messageSchema).min(1),
  messageSchema.transform((message) => [message]),
]);

const record = ({ MessageId, Body, Attributes = {} }: Message) => ({
  Records: [{ messageId: MessageId, body: Body, attributes: Attributes, eventSource: 'aws:sqs' }],
});

/**
 * The messages that `aws sqs receive-message` prints, each as Lambda would have been given it; null for anything else.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export const receivedIn = (value: unknown): unknown[] | null => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'object' || first === null || !('Messages' in first || 'Body' in first)) return null;
  return receivedSchema.safeParse(value).data?.map(record) ?? null;
};
