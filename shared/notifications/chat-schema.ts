import * as z from 'zod';
import { chatLimits } from './chat-limits.ts';

const line = (most: number) => z.string().min(1).max(most);

/**
 * A custom notification of Amazon Q Developer in chat applications, the only form that its SNS subscription shows. AWS documents the
 * fields; the lengths are our own limits.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export const chatSchema = z.strictObject({
  version: z.literal('1.0'),
  source: z.literal('custom'),
  id: line(100),
  content: z.strictObject({
    textType: z.literal('client-markdown'),
    title: line(chatLimits.title),
    description: line(chatLimits.description),
    nextSteps: z.array(line(chatLimits.step)).min(1).max(5),
    keywords: z.array(line(chatLimits.keyword)).min(1).max(5),
  }),
  metadata: z.strictObject({
    /** One thread per incident. */
    threadId: line(100),
    summary: line(chatLimits.title),
    /** Custom actions can be attached to notifications of this type: letters, digits and hyphens. */
    eventType: z.string().regex(/^[A-Za-z0-9-]{1,100}$/),
    relatedResources: z.array(line(chatLimits.line)).max(5),
    additionalContext: z.record(z.string().regex(/^[A-Za-z0-9_-]{1,100}$/), z.string().regex(/^[\w./:+=,-]{1,1024}$/)),
  }),
});
export type ChatNotification = z.infer<typeof chatSchema>;
