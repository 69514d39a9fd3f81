import * as z from 'zod';
import { partitions } from './arn.ts';
import { failureIds } from './failure-id.ts';
import { playbookId } from './playbook-id.ts';
import { resourceSchema } from './resource.ts';

/** What to do about a signal: act, escalate to a person, or nothing. */
export const dispositions = ['remediate', 'escalate', 'ignore'] as const;

export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

/** The alarm that reported the failure. Its name is needed to read its live state; the ARN gives its account and region. */
export const alarmRefSchema = z.object({
  name: z.string().min(1).max(255),
  arn: z.string().max(1600).nullable(),
  /** ARNs of its own actions, where the event has them; only SNS messages do. */
  actions: z.array(z.string().max(1600)).max(20).optional(),
});
export type AlarmRef = z.infer<typeof alarmRefSchema>;

/** The result of classifying one signal. Plain data, because a durable execution starts with it. */
export const classificationSchema = z.object({
  /** Failure class, or null where nothing failed. */
  failure: z.enum(failureIds).nullable(),
  disposition: z.enum(dispositions),
  /** Null where the signal names none. */
  resource: resourceSchema.nullable(),
  /** 12 digits, or null where the event carries none. */
  account: z.string().nullable(),
  /** Region code such as `us-west-2`, never a display name. */
  region: z.string().nullable(),
  partition: z.enum(partitions),
  /** Null unless the disposition is `remediate`. */
  playbook: playbookId.nullable(),
  /** One plain sentence for the person on call. */
  reason: z.string().max(1000),
  severity: z.enum(severities),
  /** The kind of signal: the name of its module in `shared/signals/`. */
  kind: z.string().max(64),
  /**
   * When the episode began, in milliseconds since the epoch: the time of the alarm's state change, which is the same in every redelivery.
   */
  at: z.number().int(),
  alarm: alarmRefSchema.nullable(),
  /** ARNs of the alarms that triggered a composite alarm, where the event names them. */
  children: z.array(z.string().max(1600)).max(100),
  /** A few facts from the event for people and playbooks: metric, threshold, status code, deadline. Bounded in number and length. */
  evidence: z.record(z.string().max(64), z.string().max(512)),
});
export type Classification = z.infer<typeof classificationSchema>;
