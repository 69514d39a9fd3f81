import { type CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { plainLine } from '../model/text.ts';
import type { Trail, TrailCall } from '../ports/change-history.ts';
import { appId } from './client.ts';

/** Permissions of the look-up; held against the packaged template. */
export const historyPermissions = ['cloudtrail:LookupEvents'] as const;

/**
 * How late CloudTrail may be with a call, in milliseconds, and how many pages are worth the two look-ups a second that a whole
 * account has. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export const trailLag = 15 * 60_000;
const mostPages = 3;

/** The part of a record that is of interest; fields come and go, so none is taken for granted. */
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
 * The role by which an alarm's own actions reach EC2. Whoever else calls by EventBridge does so in a role of his own.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-service-linked-roles.html
 */
const ofAlarms = /:assumed-role\/AWSServiceRoleForCloudWatchEvents\//;

const reads = /^(Describe|Get|List|Lookup|Search|Head|Batch(Get|Describe))/;

const bounded = (text: string | undefined, limit: number): string | null => (text ? plainLine(text, limit) || null : null);

/** `arn:aws:sts::111122223333:assumed-role/ROLE/SESSION` is `ROLE/SESSION`. */
const nameIn = (arn: string | undefined): string | undefined => {
  const [kind = '', ...name] = arn?.split(':').slice(5).join(':').split('/') ?? [];
  return named.has(kind) ? name.join('/') || undefined : undefined;
};
const named = new Set(['assumed-role', 'user', 'federated-user']);

const parse = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return {};
  }
};

/** Lambda's calls carry a date: `UpdateFunctionCode20150331v2`. https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html */
const operationOf = (name: string): string => name.replace(/20\d{6}(v\d+)?$/, '');

/**
 * Reads one event. A record that can't be read leaves who and what, which stand beside it. Whether selfheal made the call is told by
 * its user agent, which anybody could claim: so it is said who called it as well, and no guard opens on it alone.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export const readTrailEvent = ({ EventName, EventSource, EventTime, Username, ReadOnly, CloudTrailEvent }: Event): TrailCall => {
  const read = recordSchema.safeParse(parse(CloudTrailEvent));
  const record = read.success ? read.data : recordSchema.parse({});
  const { arn, userName, invokedBy, type } = record.userIdentity;
  const service = (EventSource || record.eventSource).replace(/\.amazonaws\.com(\.cn)?$/, '');
  const name = operationOf(EventName || record.eventName || 'unknown');
  const words = record.userAgent.split(' ');
  return {
    at: new Date(EventTime ?? 0).toISOString(),
    call: bounded(service ? `${service}:${name}` : name, 128) ?? 'unknown',
    who: bounded(userName ?? nameIn(arn) ?? Username ?? invokedBy, 128) ?? 'somebody',
    arn: bounded(arn, 256),
    from: bounded(record.sourceIPAddress, 64),
    agent: bounded(words[0], 64),
    via: bounded(invokedBy, 64),
    error: bounded(record.errorCode, 64),
    selfheal: words.includes(`app/${appId}`),
    readOnly: ReadOnly === 'true' || record.readOnly === true || (ReadOnly === undefined && reads.test(name)),
    byService: type === 'AWSService' || invokedBy === 'autoscaling.amazonaws.com' || ofAlarms.test(arn ?? ''),
  };
};

/**
 * What was called on a resource in a span of time, newest first; times in milliseconds since the epoch. Throws what the SDK throws
 * at the first page; a later one that can't be had is only missing.
 */
export const readTrail = async (
  client: Pick<CloudTrailClient, 'send'>,
  name: string,
  { from, to, pages = mostPages }: { from: number; to: number; pages?: number },
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
