import { createHash } from 'node:crypto';
import * as z from 'zod';
import { limit, secondsOf } from './duration.ts';
import { failureIds } from './failure-id.ts';
import { playbookId } from './playbook-id.ts';
import { resourceTypes } from './resource.ts';
import { isValidResourceId } from './resources/index.ts';
import { oneOf, settings } from './settings.ts';

const logPatternSchema = settings({
  /** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
  group: z
    .string()
    .regex(/^[\w./#-]{1,512}$/, 'must be the name of a log group, of at most 512 letters, digits and the characters _ . / # -')
    .describe('The name of the log group, which must exist'),
  /** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html */
  pattern: z
    .string()
    .max(1024)
    .refine((text) => text.trim() !== '', { error: 'must not be empty: that matches every event' })
    .describe('The filter pattern of CloudWatch Logs that its events match, such as "OutOfMemoryError" in double quotation marks'),
  failure: oneOf(failureIds).describe('The failure class that it means'),
  subject: settings({
    type: oneOf(resourceTypes).describe('The type of the resource'),
    id: z.string().min(1).max(2048).describe('Its id'),
  })
    .refine(isValidResourceId, { path: ['id'], error: 'not an id of that type' })
    .describe('The resource that failed'),
  threshold: z.int().min(1).max(1_000_000).default(1).describe('How many events'),
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, `Period` */
  within: limit('1m', '1d')
    .refine((text) => secondsOf(text) % 60 === 0, { error: 'must be whole minutes' })
    .default('5m')
    .describe('Within how long, in whole minutes'),
  playbook: playbookId
    .optional()
    .describe("The playbook to run; the policy's remedy for the class if left out, or else it is only reported"),
}).describe('A pattern in a log group');

export type LogPattern = z.infer<typeof logPatternSchema>;

/** Tells a pattern of a log group from all others. What else its entry says may change, and the metric goes on. */
export const logPatternKey = ({ group, pattern }: Pick<LogPattern, 'group' | 'pattern'>): string =>
  createHash('sha256')
    .update(JSON.stringify([group, pattern]))
    .digest('hex')
    .slice(0, 16);

/** The metric that counts the events of a group that match a pattern, by a name that no other has. */
export const logMetric = (entry: Pick<LogPattern, 'group' | 'pattern'>): string => {
  const words = entry.group.replace(/[^\w.]+/g, '-').replace(/^-|-$/g, '');
  return `${words.slice(-60)}-${logPatternKey(entry)}`;
};

/** Patterns in logs. The stack has a metric filter and an alarm for each, and CloudFormation takes 500 resources at most. */
export const logPatternsSchema = z
  .array(logPatternSchema)
  .max(50)
  .superRefine((entries, context) => {
    const keys = entries.map(logPatternKey);
    for (const [i, key] of keys.entries()) {
      const first = keys.indexOf(key);
      if (first < i) context.addIssue({ code: 'custom', path: [i], message: `has the group and the pattern of logs.${first}` });
    }
  })
  .default([])
  .describe('Patterns in logs that mean a failure; packaging makes a metric filter and an alarm of each');
