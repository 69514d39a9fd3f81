import * as z from 'zod';

/** As queues have it; a number may come as text. */
const schema = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() });
export type RedrivePolicy = z.output<typeof schema>;

const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A queue's redrive policy; undefined where it has none that can be read. */
export const redrivePolicyOf = (text: string | undefined): RedrivePolicy | undefined => schema.safeParse(json(text ?? '')).data;

const allowSchema = z.object({
  redrivePermission: z.enum(['allowAll', 'denyAll', 'byQueue']),
  sourceQueueArns: z.array(z.string()).max(10).default([]),
});
export const redriveAllowPolicyOf = (text: string): z.output<typeof allowSchema> | undefined => allowSchema.safeParse(json(text)).data;
