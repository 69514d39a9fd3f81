import * as z from 'zod';

/** What is requested, and what is a good answer. */
export const probeRequestSchema = z.strictObject({
  url: z.string().max(1000),
  status: z.int(),
  body: z.string().max(1000).nullable(),
});
export type ProbeRequest = z.infer<typeof probeRequestSchema>;

/** Whether it answered well, and what was seen, for people. */
export const probeAnswerSchema = z.object({ good: z.boolean(), seen: z.string().max(1000) });
export type ProbeAnswer = z.infer<typeof probeAnswerSchema>;

/**
 * Requests a URL.
 * @throws {Error} if it can't be found out whether it answers
 */
export type Probe = (request: ProbeRequest) => Promise<ProbeAnswer>;
