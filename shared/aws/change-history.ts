import { type CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { minuteMs } from '../model/duration.ts';
import { parseJson } from '../model/json.ts';
import { plainLine } from '../model/text.ts';
import type { Trail, TrailCall } from '../ports/change-history.ts';
import { appId } from './client.ts';

/** IAM actions of the look-up. A test compares them with the packaged template. */
export const historyPermissions = ['cloudtrail:LookupEvents'] as const;

/**
 * How late CloudTrail may deliver an event, in milliseconds. Look-ups are limited to two a second per account and region, which also limits
 * the pages read.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export const trailLagMs = 15 * minuteMs;
const maxPages = 3;

/** The fields of a record that are used. Fields come and go, so all are optional. */
const recordSchema = z.object({
  eventSource: z.string().catch(''),
  eventName: z.string().catch(''),
  errorCode: z.string().optional().catch(undefined),
  readOnly: z.boolean().optional().catch(undefined),
  sourceIPAddress: z.string().optional().catch(undefined),
  userAgent: z.string().catch(''),
  userIdentity: z
    .object({
      type: z.string().optional().catch(undefined),
      arn: z.string().optional().catch(undefined),
      userName: z.string().optional().catch(undefined),
      invokedBy: z.string().optional().catch(undefined),
    })
    .catch({}),
});

/**
 * The service-linked role of an alarm's own EC2 actions. Other callers through EventBridge use roles of their own.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-service-linked-roles.html
 */
const alarmRole = /:assumed-role\/AWSServiceRoleForCloudWatchEvents\//;

const reads = /^(Describe|Get|List|Lookup|Search|Head|Batch(Get|Describe))/;

const bounded = (text: string | undefined, limit: number): string | null => (text ? plainLine(text, limit) || null : null);

/** The name in an ARN: `arn:aws:sts::111122223333:assumed-role/ROLE/SESSION` gives `ROLE/SESSION`. */
const nameIn = (arn: string | undefined): string | undefined => {
  const [kind = '', ...name] = arn?.split(':').slice(5).join(':').split('/') ?? [];
  return named.has(kind) ? name.join('/') || undefined : undefined;
};
const named = new Set(['assumed-role', 'user', 'federated-user']);

/**
 * Drops the date in the names of Lambda's calls, as in `UpdateFunctionCode20150331v2`.
 * https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
 */
const operationOf = (name: string): string => name.replace(/20\d{6}(v\d+)?$/, '');

/**
 * Reads one event. If its record is unreadable, the caller and the call are still known from the event itself. selfheal's own calls are
 * recognised by the user agent, which anyone could forge; so the caller is always reported too, and no guard passes because of it.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export const readTrailEvent = ({ EventName, EventSource, EventTime, Username, ReadOnly, CloudTrailEvent }: Event): TrailCall => {
  const read = recordSchema.safeParse(parseJson(CloudTrailEvent ?? ''));
  const record = read.success ? read.data : recordSchema.parse({});
  const { arn, userName, invokedBy, type } = record.userIdentity;
  const service = (EventSource || record.eventSource).replace(/\.amazonaws\.com(\.cn)?$/, '');
  const name = operationOf(EventName || record.eventName || 'unknown');
  const words = record.userAgent.split(' ');
  return {
    at: new Date(EventTime ?? 0).toISOString(),
    call: bounded(service ? `${service}:${name}` : name, 128) ?? 'unknown',
    who: bounded(userName ?? nameIn(arn) ?? Username ?? invokedBy, 128) ?? 'an unknown caller',
    arn: bounded(arn, 256),
    from: bounded(record.sourceIPAddress, 64),
    agent: bounded(words[0], 64),
    via: bounded(invokedBy, 64),
    error: bounded(record.errorCode, 64),
    selfheal: words.includes(`app/${appId}`),
    readOnly: ReadOnly === 'true' || record.readOnly === true || (ReadOnly === undefined && reads.test(name)),
    byService: type === 'AWSService' || invokedBy === 'autoscaling.amazonaws.com' || alarmRole.test(arn ?? ''),
  };
};

/**
 * Calls on a resource in a period, newest first; times are milliseconds since the epoch.
 * @throws whatever the SDK throws for the first page; a later page that fails is only missing
 */
export const readTrail = async (
  client: Pick<CloudTrailClient, 'send'>,
  name: string,
  { from, to, pages = maxPages }: { from: number; to: number; pages?: number },
): Promise<Trail> => {
  const question = {
    LookupAttributes: [{ AttributeKey: 'ResourceName' as const, AttributeValue: name }],
    StartTime: new Date(from),
    EndTime: new Date(to),
  };
  const first = await client.send(new LookupEventsCommand(question));
  const events = [...(first.Events ?? [])];
  let next = first.NextToken;
  for (let page = 2; next !== undefined && page <= pages; page++) {
    try {
      const more = await client.send(new LookupEventsCommand({ ...question, NextToken: next }));
      events.push(...(more.Events ?? []));
      next = more.NextToken;
    } catch {
      break;
    }
  }
  return { calls: events.map(readTrailEvent), cut: next !== undefined };
};
