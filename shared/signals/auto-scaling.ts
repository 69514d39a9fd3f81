import * as z from 'zod';
import { accountOf, parseArn } from '../model/arn.ts';
import { once } from '../model/once.ts';
import { resourceOf } from '../model/resource-id.ts';
import { parseTime } from '../model/time.ts';
import { anything, type Delivery, defineSignal, type Envelope, eventSignal, type Fields, messageSignal, read } from './module.ts';

const schema = once(() =>
  z.object({
    AutoScalingGroupName: anything,
    EC2InstanceId: anything,
    StatusMessage: z.string().nullish(),
    Description: z.string().nullish(),
    Cause: z.string().nullish(),
  }),
);

type ParsedDetail = z.output<ReturnType<typeof schema>>;

/** Error codes and words for an exhausted quota. */
const quotaWords = [
  'limitexceeded',
  'limit exceeded',
  'countexceeded',
  'count exceeded',
  'quota',
  'more vcpu',
  'more instances (',
  'more instance (',
];
/** Words for missing capacity, next to "capacity". */
const shortWords = ['insufficient', 'sufficient', 'unfulfillable', 'no spot', 'not-available', 'not available', 'capacityexceeded'];

/**
 * The cause of a failed launch, from EC2's message; only informs people. Quotas come first: "more vCPU capacity than your current vCPU
 * limit" is one.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/CHAP_Troubleshooting.html
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export const launchCause = (message: string): 'capacity' | 'quota' | 'configuration' => {
  const text = message.toLowerCase();
  const says = (words: readonly string[]) => words.some((word) => text.includes(word));
  if (says(quotaWords)) return 'quota';
  return text.includes('capacity') && says(shortWords) ? 'capacity' : 'configuration';
};

const failed = (kind: 'launch' | 'terminate', parsed: ParsedDetail) => {
  const message = parsed.StatusMessage || parsed.Description || '';
  const cause = kind === 'launch' ? launchCause(message) : null;
  return {
    kind: 'auto-scaling' as const,
    fact: `${kind}-failed` as const,
    subject: resourceOf('group', parsed.AutoScalingGroupName, 'AutoScalingGroupName'),
    evidence: {
      cause,
      statusMessage: message,
      instance: parsed.EC2InstanceId,
      what: cause === null ? `EC2 says: ${message}` : `cause: ${cause}, EC2 says: ${message}`,
    },
  };
};

const planned = (parsed: { AutoScalingGroupName?: unknown }, why: string) => {
  const group = parsed.AutoScalingGroupName;
  return {
    kind: 'auto-scaling' as const,
    fact: 'activity' as const,
    subject: group === undefined ? null : resourceOf('group', group, 'AutoScalingGroupName'),
    quiet: why,
  };
};

const failures: Record<string, 'launch' | 'terminate'> = {
  'EC2 Instance Launch Unsuccessful': 'launch',
  'EC2 Instance Terminate Unsuccessful': 'terminate',
};

const activities: Record<string, string> = {
  'EC2 Instance Launch Successful': 'the group launched an instance',
  'EC2 Instance Terminate Successful': 'the group terminated an instance',
  'EC2 Instance-launch Lifecycle Action': 'a lifecycle hook of the group is running',
  'EC2 Instance-terminate Lifecycle Action': 'a lifecycle hook of the group is running',
};

const fromEvent = (detail: unknown, envelope: Envelope) => {
  const parsed = read(schema, detail, 'detail');
  const failure = failures[envelope.detailType];
  const facts =
    failure === undefined ? planned(parsed, activities[envelope.detailType] ?? 'the group is scaling') : failed(failure, parsed);
  return [eventSignal(envelope, facts)];
};

/** Values of `Event` in a group's own SNS notifications. */
const notifications = new Map([
  ['autoscaling:EC2_INSTANCE_LAUNCH_ERROR', 'launch'],
  ['autoscaling:EC2_INSTANCE_TERMINATE_ERROR', 'terminate'],
  ['autoscaling:EC2_INSTANCE_LAUNCH', 'the group launched an instance'],
  ['autoscaling:EC2_INSTANCE_TERMINATE', 'the group terminated an instance'],
  ['autoscaling:TEST_NOTIFICATION', 'a test of the notifications'],
]);

const fromMessage = (body: Fields, delivery: Delivery) => {
  const parsed = read(schema, body, '');
  const what = notifications.get(String(body.Event)) ?? 'a lifecycle hook of the group is running';
  const arn = parseArn(body.AutoScalingGroupARN);
  const common = {
    at: parseTime(body.Time) ?? parseTime(delivery.sentAt),
    account: accountOf(body.AccountId) ?? arn?.account ?? null,
    ...(arn === null ? {} : { region: arn.region }),
  };
  const facts = what === 'launch' || what === 'terminate' ? failed(what, parsed) : planned(parsed, what);
  return [messageSignal(delivery, { ...facts, ...common })];
};

/**
 * Launches and terminations of Auto Scaling groups, from EventBridge and from a group's own notifications.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */
export const autoScaling = defineSignal({
  kind: 'auto-scaling',
  facts: ['launch-failed', 'terminate-failed', 'activity'],
  events: { source: 'aws.autoscaling', detailTypes: [...Object.keys(failures), ...Object.keys(activities)], decode: fromEvent },
  message: {
    recognises: (body) => 'AutoScalingGroupName' in body && ('Event' in body || 'LifecycleTransition' in body),
    decode: fromMessage,
  },
});
