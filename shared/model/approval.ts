import * as z from 'zod';
import { foreseenSchema } from './foreseen.ts';
import { resourceSchema } from './resource.ts';
import { phases } from './status.ts';

/** A person's decision. `at` is in milliseconds since the epoch. */
export const decisionSchema = z.object({
  decision: z.enum(['approve', 'reject']),
  /** The name as typed, unverified. */
  name: z.string().nullable(),
  /** The source IP address, or the ARN of whoever decided by the command line. */
  from: z.string(),
  at: z.number(),
  /** In the ledger only: proves that it was made on the approval page. */
  mac: z.string().optional(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** In characters; whoever reads an answer reads no more. */
const longestDecider = 200;

/** Who decided. A name that was typed is marked as such; an ARN is what AWS knows of the credentials. */
export const deciderOf = ({ name, from }: Pick<Decision, 'name' | 'from'>): string => {
  if (from.startsWith('arn:')) return from.slice(0, longestDecider);
  return name === null ? `someone at ${from}` : `${name} (name not checked) at ${from}`;
};

/**
 * An approval as stored in the ledger: everything that the page shows, all of it covered by the link's signature. Times are milliseconds
 * since the epoch.
 */
export const approvalSchema = z.object({
  /** Part of the link: meaningless and unguessable. */
  id: z.string(),
  incident: z.string(),
  failure: z.string(),
  severity: z.string(),
  /** The classifier's reason. */
  reason: z.string(),
  /** The failed resource. */
  resource: resourceSchema,
  account: z.string(),
  region: z.string(),
  action: z.string(),
  /** The action's target, which may differ from the failed resource. */
  target: resourceSchema,
  /** The action in words, and why it needs approval. */
  what: z.string(),
  why: z.string(),
  callbackId: z.string(),
  /** The page's address, with a trailing slash; a link is only valid for this page. */
  page: z.string(),
  /** Left out where one person is enough. */
  people: z.literal(2).optional(),
  expiresAt: z.number(),
  timeline: z.array(z.object({ at: z.string(), phase: z.enum(phases), text: z.string() })),
  /** Left out by earlier versions, whose links are signed without it. */
  foreseen: foreseenSchema.optional(),
});
export type Approval = z.infer<typeof approvalSchema>;

/**
 * By which a chat's button names a question: no secret, unlike its id, and worth nothing to whoever may not press the button. An incident has
 * one question at a time, so the time at which it ends tells it from earlier ones.
 */
export const questionReference = ({ incident, expiresAt }: Pick<Approval, 'incident' | 'expiresAt'>): string => `${incident}/${expiresAt}`;

/** As `questionReference` makes it; null for anything else. */
export const parseQuestionReference = (text: string): Pick<Approval, 'incident' | 'expiresAt'> | null => {
  const [, incident, expiresAt] = /^([a-z0-9-]{1,64})\/(\d{1,15})$/.exec(text) ?? [];
  return incident === undefined ? null : { incident, expiresAt: Number(expiresAt) };
};
