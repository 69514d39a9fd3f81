import * as z from 'zod';
import { severities } from '../model/classification.ts';
import { foreseenSchema } from '../model/foreseen.ts';
import { outcomeSchema } from '../model/outcome-schema.ts';
import { resourceTypes } from '../model/resource.ts';
import { detailTypes, outcomeVersion, source } from './published.ts';

/** The outcome: the `detail` of the event on the bus, and the message that queues, functions and webhooks get from the topic. */
export const publishedSchema = z.object({
  version: z.literal(outcomeVersion),
  ...outcomeSchema.shape,
  repeat: z
    .literal(true)
    .optional()
    .describe(
      'It may have been published before: AWS did not confirm an earlier try. Consumers that already have the incident can ignore it',
    ),
});

/** The whole EventBridge event. */
export const outcomeEventSchema = z.object({
  version: z.string(),
  id: z.string(),
  source: z.literal(source),
  'detail-type': z.enum([...new Set(Object.values(detailTypes))] as [string, ...string[]]),
  account: z.string().describe('Where selfheal runs; where it happened is in the detail'),
  time: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  detail: publishedSchema,
});

/** A notification before an incident ends: the message that queues, functions and webhooks get from the topic. Not an outcome. */
export const interimMessageSchema = z.object({
  version: z.literal('1'),
  kind: z.literal('interim'),
  incident: z.string(),
  failure: z.string(),
  severity: z.enum(severities),
  resource: z.object({ type: z.enum(resourceTypes).meta({ growing: true }), id: z.string() }),
  account: z.string(),
  region: z.string(),
  at: z.iso.datetime(),
  headline: z.string().describe('What it is about, in a few words'),
  reason: z.string().describe('What was done, the state now, and what selfheal still tries'),
  repeat: z.literal(true).optional().describe('It may have been sent before: the same notification, with the same incident'),
});

/** An episode has begun: the `detail` of the event on the bus, and the message from the topic. Its outcome follows when it is over. */
export const incidentOpenedSchema = interimMessageSchema.extend({
  kind: z.literal('incident.opened'),
  reason: z.string().describe('What has begun; repeats of it join this incident'),
});

const resource = z.object({ type: z.enum(resourceTypes).meta({ growing: true }), id: z.string() });

/** A request for approval: the message that queues, functions and webhooks get from the approval topic. */
export const approvalRequestSchema = z.object({
  version: z.literal('1'),
  kind: z.literal('approval'),
  incident: z.string(),
  failure: z.string(),
  severity: z.enum(severities),
  reason: z.string(),
  resource: resource.describe('What failed'),
  account: z.string(),
  region: z.string(),
  action: z.string(),
  target: resource.describe('What the action would change; it need not be the failed resource'),
  what: z.string().describe('What would be done, in words'),
  why: z.string().describe('Why it needs a person'),
  experience: z
    .string()
    .optional()
    .describe('How often the action has helped so far with such a failure, in words; absent if nothing is known'),
  expiresAt: z.iso.datetime(),
  foreseen: foreseenSchema.optional().describe('What will happen; earlier versions did not say it'),
  link: z.url().describe('Anyone who has it can decide, once: keep it as secret as a password'),
  repeat: z.literal(true).optional().describe('It may have been asked before: the same question, with the same link'),
});
