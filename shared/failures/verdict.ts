import * as z from 'zod';
import type { PlaybookId } from '../playbooks/ids.ts';
import { playbookIds } from '../playbooks/ids.ts';
import { partitions } from '../signals/form.ts';
import { failureIds } from './ids.ts';

/** What is done about a signal: act, tell a person, or nothing. */
export const dispositions = ['remediate', 'escalate', 'ignore'] as const;
export type Disposition = (typeof dispositions)[number];

export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

/** Kinds of thing that a failure can be about. `alarm` is what is named where an alarm names nothing else. */
export const resourceTypes = [
  'instance',
  'group',
  'volume',
  'snapshot',
  'fleet',
  'target-group',
  'load-balancer',
  'database',
  'service',
  'task',
  'queue',
  'canary',
  'certificate',
  'zone',
  'region',
  'capacity-reservation',
  'alarm',
] as const;
export type ResourceType = (typeof resourceTypes)[number];

export const resourceSchema = z.object({ type: z.enum(resourceTypes), id: z.string().min(1).max(2048) });
export type Resource = z.infer<typeof resourceSchema>;

/**
 * The alarm that reported the failure. The look stage reads its live state, so it needs the name; the ARN tells which account and
 * region it stands in.
 */
export const alarmRefSchema = z.object({
  name: z.string().min(1).max(255),
  arn: z.string().max(1600).nullable(),
  /** What it does when it goes off, where the event tells: only SNS messages do. */
  actions: z.array(z.string().max(1600)).max(20).optional(),
});
export type AlarmRef = z.infer<typeof alarmRefSchema>;

/** What `classify` says of one signal. Plain data: it is the payload that a durable execution starts with. */
export const verdictSchema = z.object({
  /** Failure class, or null where nothing failed. */
  failure: z.enum(failureIds).nullable(),
  disposition: z.enum(dispositions),
  /** Null where there is none to name. */
  resource: resourceSchema.nullable(),
  /** 12 digits, or null where the event carries none. */
  account: z.string().nullable(),
  /** Region code such as `us-west-2`, never a display name. */
  region: z.string().nullable(),
  partition: z.enum(partitions),
  /** Null unless the disposition is `remediate`. */
  playbook: z.enum(playbookIds as unknown as [PlaybookId, ...PlaybookId[]]).nullable(),
  /** One plain sentence for the person who reads the page at three in the morning. */
  reason: z.string().max(1000),
  severity: z.enum(severities),
  /** The kind of signal, by the name of its module in `shared/signals/`. */
  kind: z.string().max(64),
  /** When the episode began, in milliseconds since the epoch: the alarm's state change, not the delivery. Same in every redelivery. */
  at: z.number().int(),
  alarm: alarmRefSchema.nullable(),
  /** ARNs of the alarms that triggered a composite alarm, where the event names them. */
  children: z.array(z.string().max(1600)).max(100),
  /** A few facts out of the event that a person or a playbook wants (metric, threshold, status code, deadline …). Bounded. */
  evidence: z.record(z.string().max(64), z.string().max(512)),
});
export type Verdict = z.infer<typeof verdictSchema>;
