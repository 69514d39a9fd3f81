import * as z from 'zod';
import { statuses } from '../model/status.ts';

const count = z.int().min(0);
const moment = z.iso.datetime();
/** Names that selfheal gives. Newer versions may have others. */
export const nameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

const share = z
  .object({ times: count, of: count, low: z.number().min(0).max(1), high: z.number().min(0).max(1) })
  .describe("So many of so many, and the bounds of Wilson's score interval of 95 %, from 0 to 1");
export type Share = z.infer<typeof share>;

const recovery = z.object({
  failure: nameSchema,
  count,
  p50Seconds: z.number().min(0),
  p90Seconds: z.number().min(0),
});

const recurring = z.object({
  resource: z.object({ type: nameSchema, id: z.string() }),
  account: z.string(),
  region: z.string(),
  incidents: count,
  failures: z.array(z.object({ failure: nameSchema, incidents: count })),
});

const holding = z.object({
  guard: nameSchema,
  incidents: count,
  settings: z.array(z.string()).describe('The settings of the policy that govern it; to loosen one makes selfheal less safe'),
  instead: z.string().nullable().describe('Where no setting does: why, or what a person can do'),
});

/** The figures of a time. */
const figures = z.object({
  incidents: count,
  open: count,
  ended: z.record(z.enum(statuses), count),
  quiet: count.describe('Ended without a message to people'),
  healed: share.describe('Of the ended that did not heal by themselves and were neither quiet nor a dry run, those that an action healed'),
  pagesAvoided: count.describe(
    'Healed by an action and verified, with no question to a person and no incident.opened; that each would have paged a person is assumed',
  ),
  recovery: z
    .array(recovery)
    .describe('By failure class, of what an action healed: the least time that half, or nine in ten, did not exceed'),
  recurring: z.array(recurring).max(5).describe('Resources with more than one incident that was not quiet and did not heal by itself'),
  recurringResources: count.describe('How many such resources there are'),
  holding: z.array(holding).max(5).describe('Guards that ended most incidents as held or escalated'),
  heldByNone: count.describe("Ended held or escalated without a guard's refusal on record"),
  cost: z.object({ incidentsUsd: z.number(), installationUsd: z.number() }).describe('US dollars, us-east-1, without a free tier'),
});
export type Figures = z.infer<typeof figures>;

const period = z.object({
  from: moment,
  to: moment,
  unread: count.describe('Incidents that stand in the ledger and can not be read: they are in no figure'),
  ...figures.shape,
});
export type Period = z.infer<typeof period>;

const learnedRow = z.object({
  failure: nameSchema,
  step: nameSchema,
  resource: nameSchema.describe('The type of the resource that failed'),
  helped: share.describe('Of the incidents in which it was done, those that ended healed with it as the last step'),
  lastedDay: share.describe('Of those that it healed a day ago or earlier, those that did not fail in the same way within a day'),
  lastedWeek: share.describe('The same of a week'),
});
export type LearnedRow = z.infer<typeof learnedRow>;

/** In rows: fewer than there are of classes, steps and types; those that were done most often are kept. */
export const maxRows = 200;

/** What past incidents teach: advice for people, which changes nothing by itself. */
export const learnedSchema = z.object({
  at: moment,
  from: moment.describe('No earlier incident is counted'),
  incidents: count,
  unread: count.describe('Incidents that stand in the ledger and can not be read'),
  cut: z.boolean().describe('There were more incidents, or rows, than are counted'),
  rows: z.array(learnedRow).max(maxRows),
});
export type Learned = z.infer<typeof learnedSchema>;

/** A time beside the one before it, which is as long: what the command prints as JSON, and the message from the topic. */
export const digestSchema = z.object({
  version: z.literal('1'),
  kind: z.literal('digest'),
  now: period,
  before: period,
  learned: learnedSchema.nullable().describe('Null where nothing was counted yet, or it could not be read'),
});
export type Digest = z.infer<typeof digestSchema>;
