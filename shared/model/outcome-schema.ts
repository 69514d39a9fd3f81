import * as z from 'zod';
import { severities } from './classification.ts';
import { failureIds } from './failure-id.ts';
import { currentGuardId } from './guard-id.ts';
import { resourceTypes } from './resource.ts';
import { phases, statuses } from './status.ts';

const moment = z.iso.datetime().describe('ISO 8601, UTC');

/** An enumeration that may grow without a new version: consumers must accept values that they don't know. */
const growing = <const Values extends readonly [string, ...string[]]>(values: Values) => z.enum(values).meta({ growing: true });

/** A call in CloudTrail's event history that changed the resource or tried to. External text is bounded. */
export const changeSchema = z.object({
  at: moment.describe('When it was called, to the second'),
  call: z.string().describe('Service and operation, such as ec2:StopInstances'),
  who: z.string().describe('The name of who called it: a user, ROLE/SESSION, or an AWS service'),
  arn: z.string().nullable().describe('The identity that called it, as CloudTrail records it'),
  from: z.string().nullable().describe('The IP address that it came from, or the service that called it'),
  agent: z.string().nullable().describe('The first word of the user agent'),
  via: z.string().nullable().describe('The AWS service that called it on behalf of someone, such as cloudformation.amazonaws.com'),
  error: z.string().nullable().describe('Why it was refused; null if it was carried out'),
  selfheal: z.boolean().describe('Its user agent is selfheal, in an earlier incident'),
});
export type Change = z.infer<typeof changeSchema>;

/** The change that most likely caused the failure. */
export const likelyCauseSchema = z.object({
  change: changeSchema,
  because: z.string().describe('What such a call does, and how long before the failure it was made'),
});
export type LikelyCause = z.infer<typeof likelyCauseSchema>;

/** One action of an incident and its result. */
export const actionRecordSchema = z.object({
  action: z.string(),
  target: z.string().exactOptional().describe('The id of the target of the action; it need not be the failed resource'),
  attempt: z.int().min(1).describe('1 for the first try of its rung'),
  at: moment,
  result: z.string().describe('done, throttled: CODE, refused: CODE, uncertain: CODE, not begun, or would in a dry run'),
});
export type ActionRecord = z.infer<typeof actionRecordSchema>;

/** One guard's answer about an action. Guards are asked in order, and none after the first that doesn't pass. */
export const guardSaidSchema = z.object({
  guard: z.string().overwrite(currentGuardId),
  answer: growing(['pass', 'hold', 'skip', 'ask', 'escalate']),
  reason: z.string().exactOptional(),
});
export type GuardSaid = z.infer<typeof guardSaidSchema>;

/** One line of an incident's timeline. `answers` are the guards' answers, where guards were asked. */
export const timelineEntrySchema = z.object({
  at: moment,
  phase: growing(phases),
  text: z.string(),
  answers: z.array(guardSaidSchema).exactOptional(),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** Targets of the links in a message, in the order shown. */
export const linkTargets = ['runbook', 'resource', 'alarm', 'group-activity', 'dashboard', 'story'] as const;

/** A link in a message. */
export const linkSchema = z.object({
  to: growing(linkTargets),
  url: z.string().describe("A page of AWS's console, or a runbook: https, printable ASCII"),
});
export type Link = z.infer<typeof linkSchema>;

/** Details of an incident's resource besides its id. External text is bounded. */
export const particularsSchema = z.object({
  name: z.string().exactOptional().describe("The value of the resource's tag Name, if it has one"),
  zone: z.string().exactOptional().describe('The availability zone of the instance'),
  group: z.string().exactOptional().describe('The Auto Scaling group that the resource is or belongs to'),
  alarm: z.object({ name: z.string(), arn: z.string().nullable() }).exactOptional().describe('The alarm that reported the failure'),
  runbook: z.string().exactOptional().describe("What the tag selfheal:runbook names, if its host is one of the policy's runbooks.hosts"),
  policyVersion: z
    .string()
    .exactOptional()
    .describe('Which policy decided, as `selfheal policy check` names it; absent if it is none of the package'),
});
export type Particulars = z.infer<typeof particularsSchema>;

/** The record that is kept and published at the end of an incident. */
export const outcomeSchema = z.object({
  incident: z.string().describe("The incident's key: the same in every message about it, in the ledger and in the logs"),
  failure: growing(failureIds),
  severity: z.enum(severities),
  resource: z.object({ type: growing(resourceTypes), id: z.string() }),
  account: z.string(),
  region: z.string(),
  playbook: z.string().nullable(),
  status: z.enum(statuses),
  verified: z.boolean().describe('Two looks in a row found it healthy'),
  reason: z.string().describe('One plain sentence: why it ended this way'),
  resourceState: z
    .string()
    .exactOptional()
    .describe('The state of the resource at the last look and since when, or why selfheal has not seen it; absent if there was no look'),
  quiet: z.boolean().describe('Recorded and on the bus, but it pages nobody: there was no failure, or another incident reports it'),
  opened: z
    .literal(true)
    .exactOptional()
    .describe('A message incident.opened came before: what programs opened by it, they can close where the incident is healed'),
  startedAt: moment.describe('When the episode began'),
  endedAt: moment,
  timeToRecoverSeconds: z
    .number()
    .nullable()
    .describe("From the beginning of the episode to the verified recovery; null if it wasn't healed"),
  actions: z.array(actionRecordSchema),
  changes: z.array(changeSchema).max(5).describe('Recent changes of the resource, newest first'),
  likelyCause: likelyCauseSchema.nullable().describe('The change that most likely caused the failure; null if none stands out'),
  changesNote: z.string().nullable().describe('What is missing from `changes`, and why; null if nothing is'),
  timeline: z.array(timelineEntrySchema),
  ...particularsSchema.shape,
  links: z.array(linkSchema).exactOptional().describe('Links for people, in messages and on the bus; the ledger has none'),
});
export type Outcome = z.infer<typeof outcomeSchema>;
