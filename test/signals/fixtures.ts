import { readEvent } from '../../shared/failures/read.ts';
import type { Classification } from '../../shared/model/classification.ts';

/** An alarm as the tests think of it, to be put into each of the shapes that AWS delivers. */
export type Alarm = {
  name: string;
  state: string;
  previousState: string;
  namespace: string;
  metric: string;
  statistic: string;
  dimensions: Record<string, string>;
  direction: 'above' | 'below';
  account: string;
  region: string;
  /** `2026-11-20T13:35:12.681`, UTC. */
  time: string;
};

export const instanceId = 'i-0a1b2c3d4e5f60718';
export const otherInstanceId = 'i-0f9e8d7c6b5a43210';

export const alarm = (parts: Partial<Alarm> = {}): Alarm => ({
  name: 'an-alarm',
  state: 'ALARM',
  previousState: 'OK',
  namespace: 'AWS/EC2',
  metric: 'StatusCheckFailed_Instance',
  statistic: 'Maximum',
  dimensions: { InstanceId: instanceId },
  direction: 'above',
  account: '111122223333',
  region: 'us-west-2',
  time: '2026-11-20T13:35:12.681',
  ...parts,
});

/** A threshold with a value on either side of it: a status check is 0 or 1. */
const levels = ({ metric }: Alarm) =>
  metric.startsWith('StatusCheckFailed') ? { threshold: 0.5, above: 1, below: 0 } : { threshold: 10, above: 11, below: 9 };

const partition = ({ region }: Alarm) => (region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws');
const arn = (a: Alarm) => `arn:${partition(a)}:cloudwatch:${a.region}:${a.account}:alarm:${a.name}`;

/** What CloudWatch publishes to SNS. */
export const message = (a: Alarm): Record<string, unknown> => ({
  AlarmName: a.name,
  AWSAccountId: a.account,
  NewStateValue: a.state,
  NewStateReason: 'Threshold Crossed',
  StateChangeTime: `${a.time}+0000`,
  Region: 'Somewhere (Nowhere)',
  AlarmArn: arn(a),
  OldStateValue: a.previousState,
  Trigger: {
    Namespace: a.namespace,
    MetricName: a.metric,
    Statistic: a.statistic.toUpperCase(),
    Dimensions: Object.entries(a.dimensions).map(([name, value]) => ({ name, value })),
    ComparisonOperator: a.direction === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
    Threshold: levels(a).threshold,
    Period: 60,
  },
});

const detail = (a: Alarm) => {
  const { threshold, above, below } = levels(a);
  const data = (point: number) => JSON.stringify({ version: '1.0', period: 60, recentDatapoints: [point], threshold });
  return {
    alarmName: a.name,
    state: {
      value: a.state,
      reason: 'Threshold Crossed',
      reasonData: data(a.direction === 'above' ? above : below),
      timestamp: `${a.time}+0000`,
    },
    previousState: {
      value: a.previousState,
      reasonData: data(a.direction === 'above' ? below : above),
      timestamp: '2026-11-20T12:00:00.000+0000',
    },
    configuration: {
      metrics: [
        {
          id: 'm1',
          metricStat: { metric: { namespace: a.namespace, name: a.metric, dimensions: a.dimensions }, period: 60, stat: a.statistic },
          returnData: true,
        },
      ],
    },
  };
};

/** The same by EventBridge. */
export const alarmEvent = (a: Alarm) =>
  event('aws.cloudwatch', 'CloudWatch Alarm State Change', detail(a), { account: a.account, region: a.region, resources: [arn(a)] });

/** The same as a direct Lambda action. */
export const alarmAction = (a: Alarm) => ({
  source: 'aws.cloudwatch',
  alarmArn: arn(a),
  accountId: a.account,
  time: `${a.time}+0000`,
  region: a.region,
  alarmData: detail(a),
});

/** An EventBridge event. */
export const event = (source: string, detailType: string, body: unknown, parts: Record<string, unknown> = {}) => ({
  version: '0',
  id: 'c4c1c1c9-0000-4000-8000-000000000001',
  'detail-type': detailType,
  source,
  account: '111122223333',
  time: '2026-11-20T13:35:12Z',
  region: 'us-west-2',
  resources: [] as unknown,
  detail: body,
  ...parts,
});

const topic = 'arn:aws:sns:us-west-2:111122223333:alarms';
const text = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));

/** A record that SNS hands to Lambda. */
export const snsRecord = (body: unknown) => ({
  EventSource: 'aws:sns',
  Sns: { Type: 'Notification', TopicArn: topic, Message: text(body), Timestamp: '2026-11-20T13:35:13.000Z' },
});

/** A notification as SNS puts it into a queue. */
export const notification = (body: unknown) => ({
  Type: 'Notification',
  TopicArn: topic,
  Message: text(body),
  Timestamp: '2026-11-20T13:35:13.000Z',
});

/** A record of a queue. */
export const sqsRecord = (body: unknown, messageId = 'message-1') => ({
  messageId,
  body: text(body),
  attributes: { SentTimestamp: '1795181713000' },
  eventSource: 'aws:sqs',
  awsRegion: 'us-west-2',
});

/** The verdicts of an event that must not be rejected. */
export const verdictsOf = (value: unknown): Classification[] => {
  const { verdicts, rejected } = readEvent(value);
  if (rejected.length > 0) throw new Error(`rejected: ${JSON.stringify(rejected)}`);
  return verdicts;
};

/** The one verdict of an event. */
export const verdictOf = (value: unknown): Classification => {
  const [verdict, ...more] = verdictsOf(value);
  if (verdict === undefined || more.length > 0) throw new Error(`${more.length + (verdict === undefined ? 0 : 1)} verdicts`);
  return verdict;
};
