import * as z from 'zod';
import { accountOf, parseArn } from '../model/arn.ts';
import { resourceOf } from '../model/resource-id.ts';
import type { Signal } from '../model/signal.ts';
import { parseTime } from '../model/time.ts';
import {
  anything,
  type Delivery,
  type Envelope,
  eventSignal,
  type Fields,
  messageSignal,
  once,
  read,
  type SignalModule,
} from './module.ts';

const schema = once(() =>
  z.object({
    AutoScalingGroupName: anything,
    EC2InstanceId: anything,
    StatusMessage: z.string().nullish(),
    Description: z.string().nullish(),
    Cause: z.string().nullish(),
  }),
);

type Told = z.output<ReturnType<typeof schema>>;

/** How EC2 says that an account may have no more, by error code or in words. */
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
/** How it says that there is none: next to the word "capacity". */
const shortWords = ['insufficient', 'sufficient', 'unfulfillable', 'no spot', 'not-available', 'not available', 'capacityexceeded'];

/**
 * What stood in the way of a launch, by what EC2 put into the message. It only helps the person who reads it. Quotas first: "more vCPU
 * capacity than your current vCPU limit" is one.
 * docs.aws.amazon.com/autoscaling/ec2/userguide/CHAP_Troubleshooting.html, docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export const launchCause = (message: string): 'capacity' | 'quota' | 'configuration' => {
  const text = message.toLowerCase();
  const says = (words: readonly string[]) => words.some((word) => text.includes(word));
  if (says(quotaWords)) return 'quota';
  return text.includes('capacity') && says(shortWords) ? 'capacity' : 'configuration';
};

const failed = (kind: 'launch' | 'terminate', told: Told) => {
  const message = told.StatusMessage || told.Description || '';
  const cause = kind === 'launch' ? launchCause(message) : null;
  return {
    kind: 'auto-scaling',
    fact: `${kind}-failed`,
    subject: resourceOf('group', told.AutoScalingGroupName, 'AutoScalingGroupName'),
    evidence: {
      cause,
      statusMessage: message,
      instance: told.EC2InstanceId,
      what: cause === null ? `EC2 says: ${message}` : `cause: ${cause}, EC2 says: ${message}`,
    },
  };
};

const planned = (told: { AutoScalingGroupName?: unknown }, why: string) => {
  const group = told.AutoScalingGroupName;
  return {
    kind: 'auto-scaling',
    fact: 'activity',
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

const fromEvent = (detail: unknown, envelope: Envelope): Signal[] => {
  const told = read(schema, detail, 'detail');
  const failure = failures[envelope.detailType];
  const facts = failure === undefined ? planned(told, activities[envelope.detailType] ?? 'the group is scaling') : failed(failure, told);
  return [eventSignal(envelope, facts)];
};

/** `Event` of the notifications that a group publishes to SNS by itself. */
const notifications = new Map([
  ['autoscaling:EC2_INSTANCE_LAUNCH_ERROR', 'launch'],
  ['autoscaling:EC2_INSTANCE_TERMINATE_ERROR', 'terminate'],
  ['autoscaling:EC2_INSTANCE_LAUNCH', 'the group launched an instance'],
  ['autoscaling:EC2_INSTANCE_TERMINATE', 'the group terminated an instance'],
  ['autoscaling:TEST_NOTIFICATION', 'a test of the notifications'],
]);

const fromMessage = (body: Fields, delivery: Delivery): Signal[] => {
  const told = read(schema, body, '');
  const what = notifications.get(String(body.Event)) ?? 'a lifecycle hook of the group is running';
  const arn = parseArn(body.AutoScalingGroupARN);
  const common = {
    at: parseTime(body.Time) ?? parseTime(delivery.sentAt),
    account: accountOf(body.AccountId) ?? arn?.account ?? null,
    ...(arn === null ? {} : { region: arn.region }),
  };
  const facts = what === 'launch' || what === 'terminate' ? failed(what, told) : planned(told, what);
  return [messageSignal(delivery, { ...facts, ...common })];
};

/**
 * Launches and terminations of Auto Scaling groups, by EventBridge and by a group's own notifications.
 * docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */
export const autoScaling: SignalModule = {
  kind: 'auto-scaling',
  events: { source: 'aws.autoscaling', detailTypes: [...Object.keys(failures), ...Object.keys(activities)], decode: fromEvent },
  message: {
    recognises: (body) => 'AutoScalingGroupName' in body && ('Event' in body || 'LifecycleTransition' in body),
    decode: fromMessage,
  },
};
