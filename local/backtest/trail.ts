import * as z from 'zod';
import { interventions } from '../../shared/guards/recent-manual-change.ts';
import { parseTime } from '../../shared/model/time.ts';

/** A call that shows how a person wants a resource to be; `at` is milliseconds since the epoch. */
export type Call = {
  at: number;
  name: string;
  who: string;
  account: string;
  region: string;
  resources: string[];
  /** The record, as far as a guard reads it; JSON. */
  record: string;
};

const text = z.string().nullish();
const tagList = z.array(z.object({ key: z.string(), value: z.string() }));

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
const recordSchema = z.object({
  eventTime: z.string(),
  eventName: z.string(),
  eventSource: text,
  awsRegion: z.string(),
  recipientAccountId: text,
  errorCode: text,
  errorMessage: text,
  userAgent: text,
  sourceIPAddress: text,
  userIdentity: z.looseObject({ type: text, arn: text, userName: text, principalId: text, accountId: text, invokedBy: text }).nullish(),
  requestParameters: z
    .looseObject({
      instanceId: text,
      autoScalingGroupName: text,
      instancesSet: z.object({ items: z.array(z.object({ instanceId: z.string() }).partial()) }).nullish(),
      tagSpecificationSet: z.object({ items: z.array(z.object({ tags: tagList.nullish() })) }).nullish(),
    })
    .nullish()
    .catch(null),
  serviceEventDetails: z
    .looseObject({ instanceIdSet: z.array(z.string()).nullish() })
    .nullish()
    .catch(null),
});
type TrailRecord = z.infer<typeof recordSchema>;

const accountOf = ({ recipientAccountId, userIdentity }: TrailRecord): string => recipientAccountId ?? userIdentity?.accountId ?? '';

/** The call in a CloudTrail record; null for one that changes nothing relevant. */
const callIn = (record: TrailRecord): Call | null => {
  const { eventName, eventSource, awsRegion, errorCode, userAgent, sourceIPAddress, userIdentity, requestParameters } = record;
  const at = parseTime(record.eventTime);
  if (at === null || !interventions.has(eventName)) return null;
  const { instanceId, autoScalingGroupName, instancesSet } = requestParameters ?? {};
  const named = [instanceId, autoScalingGroupName, ...(instancesSet?.items.map((item) => item.instanceId) ?? [])];
  const resources = named.filter((id): id is string => typeof id === 'string' && id.length > 0 && id.length <= 255).slice(0, 1000);
  const { type, arn, userName, principalId, invokedBy } = userIdentity ?? {};
  const kept = { eventName, eventSource, errorCode, userAgent: userAgent?.slice(0, 300), sourceIPAddress };
  const given = Object.entries({
    ...kept,
    userIdentity: Object.fromEntries(Object.entries({ type, arn, userName, invokedBy }).filter(isGiven)),
  });
  return {
    at,
    name: eventName,
    who: (userName ?? principalId ?? 'an unknown caller').slice(0, 128),
    account: accountOf(record),
    region: awsRegion,
    resources,
    record: JSON.stringify(Object.fromEntries(given.filter(isGiven))),
  };
};

const isGiven = ([, value]: [string, unknown]): boolean => value !== null && value !== undefined;

/**
 * Failures that CloudTrail records, as the EventBridge events for them: a reclaimed spot instance (`BidEvictedEvent`,
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-interruptions.html) and a launch for a group that EC2 refused.
 */
const eventsIn = (record: TrailRecord): unknown[] => {
  const { eventName, awsRegion, errorCode, errorMessage, requestParameters, serviceEventDetails } = record;
  const common = { account: accountOf(record), region: awsRegion, time: record.eventTime, resources: [] };
  if (eventName === 'BidEvictedEvent') {
    return (serviceEventDetails?.instanceIdSet ?? []).map((id) => ({
      ...common,
      source: 'aws.ec2',
      'detail-type': 'EC2 Spot Instance Interruption Warning',
      detail: { 'instance-id': id },
    }));
  }
  if (eventName !== 'RunInstances' || !errorCode) return [];
  const tags = requestParameters?.tagSpecificationSet?.items.flatMap((item) => item.tags ?? []) ?? [];
  const group = tags.find(({ key }) => key === 'aws:autoscaling:groupName')?.value;
  if (group === undefined) return [];
  return [
    {
      ...common,
      source: 'aws.autoscaling',
      'detail-type': 'EC2 Instance Launch Unsuccessful',
      detail: { AutoScalingGroupName: group, StatusMessage: `${errorCode}: ${errorMessage ?? ''}` },
    },
  ];
};

/** The content of a CloudTrail record; empty for anything else. */
export const readRecord = (value: unknown): { events: unknown[]; calls: Call[] } => {
  const read = recordSchema.safeParse(value);
  if (!read.success) return { events: [], calls: [] };
  const call = callIn(read.data);
  return { events: eventsIn(read.data), calls: call === null ? [] : [call] };
};
