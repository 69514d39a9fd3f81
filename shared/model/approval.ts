import * as z from 'zod';
import { resourceSchema } from './resource.ts';
import { phases } from './status.ts';

/** What a person decided. `at` is in milliseconds since the epoch. */
export const decisionSchema = z.object({
  decision: z.enum(['approve', 'reject']),
  /** The name that was given: nobody has checked it. */
  name: z.string().nullable(),
  /** The address that the decision came from. */
  from: z.string(),
  at: z.number(),
  /** In the ledger only: that it was made here. */
  mac: z.string().optional(),
});
export type Decision = z.infer<typeof decisionSchema>;

/**
 * A question to a person, as the ledger keeps it: all that the page shows, and all that a link is signed over. Times are
 * milliseconds since the epoch.
 */
export const approvalSchema = z.object({
  /** Stands in the link: says nothing, and can't be guessed. */
  id: z.string(),
  incident: z.string(),
  failure: z.string(),
  severity: z.string(),
  /** What the classifier said. */
  reason: z.string(),
  /** What failed. */
  resource: resourceSchema,
  account: z.string(),
  region: z.string(),
  action: z.string(),
  /** What the action would change; it need not be the failed resource. */
  target: resourceSchema,
  /** What would be done, in words, and why that needs a person. */
  what: z.string(),
  why: z.string(),
  callbackId: z.string(),
  /** The page that decides: a link is good for no other. Ends with a slash. */
  page: z.string(),
  expiresAt: z.number(),
  timeline: z.array(z.object({ at: z.string(), phase: z.enum(phases), text: z.string() })),
});
export type Approval = z.infer<typeof approvalSchema>;
