import type { Event, LookupEventsCommandInput, LookupEventsCommandOutput } from '@aws-sdk/client-cloudtrail';
import { cloudTrailParameters } from '../../core/model-parameters.ts';
import type { CallRecord, World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';
import { type TrailEvent, trailEvent } from './model/record.ts';

/** Calls on data rather than on resources: the event history has none of them. */
const dataCalls =
  /^(dynamodb (Put|Update|Delete|BatchWrite|Transact\w*)Items?|sqs (Send|Receive|Delete|ChangeMessageVisibility)\w*Message\w*|sqs ChangeMessageVisibility\w*|sns Publish\w*|lambda Invoke|monitoring PutMetricData|events PutEvents|logs (PutLogEvents|FilterLogEvents|TestMetricFilter))$/;

/** Assuming a role is one too: its `readOnly` is true. */
const reads = /^(Describe|Get|List|Lookup|Search|Head|Query|Scan|BatchGet|Receive|AssumeRole)/;

const recorded = ({ service, operation }: CallRecord) => !reads.test(operation) && !dataCalls.test(`${service} ${operation}`);

const matchers: Readonly<Record<string, (event: TrailEvent, value: string) => boolean>> = {
  EventId: ({ id }, value) => id === value,
  EventName: ({ name }, value) => name === value,
  EventSource: ({ source }, value) => source === value,
  ReadOnly: (_event, value) => value === 'false',
  Username: ({ userName }, value) => userName === value,
  AccessKeyId: ({ accessKey }, value) => accessKey === value,
  ResourceName: ({ resources }, value) => resources.some(({ name }) => name === value),
  ResourceType: ({ resources }, value) => resources.some(({ type }) => type === value),
};

const day = 24 * 3600 * 1000;

/** A page's token: as of when the list was made, where in it the next page starts, and what was asked for. */
type Token = [asOf: number, offset: number, question: string];

const writeToken = (token: Token): string => Buffer.from(JSON.stringify(token)).toString('base64');

const readToken = (text: string, question: string): Token => {
  const invalid = new AwsError(
    'InvalidNextTokenException',
    'Invalid token or token that was previously used in a request with different parameters.',
  );
  try {
    const token = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as unknown;
    if (!Array.isArray(token) || token.length !== 3 || token[2] !== question) throw invalid;
    if (!Number.isSafeInteger(token[0]) || !Number.isSafeInteger(token[1]) || token[1] < 0) throw invalid;
    return token as Token;
  } catch {
    throw invalid;
  }
};

type Known = { event: TrailEvent; knownAt: number };

/** The calls of the world that CloudTrail records, oldest first, all of them and by the names of their resources. */
const createTrail = (world: World) => {
  let all: Known[] = [];
  let byResource = new Map<string, Known[]>();
  let oldest: CallRecord | undefined;
  let read = 0;

  /** An event's id and lag come from its request, so that who looks when changes nothing. */
  const add = (call: CallRecord): void => {
    const random = world.random.fork(`cloudtrail ${call.requestId}`);
    const lag = random.between(cloudTrailParameters.lagSeconds.least, cloudTrailParameters.lagSeconds.most) * 1000;
    const known = { event: trailEvent(world, call, random.uuid()), knownAt: call.at + lag };
    all.push(known);
    for (const name of new Set(known.event.resources.map(({ name }) => name))) {
      const same = byResource.get(name);
      if (same) same.push(known);
      else byResource.set(name, [known]);
    }
  };

  /** Whoever bounds a world's memory drops its oldest calls. */
  const follow = (): void => {
    const { calls } = world;
    if (calls[0] !== oldest || calls.length < read) {
      all = [];
      byResource = new Map();
      oldest = calls[0];
      read = 0;
    }
    for (; read < calls.length; read++) if (recorded(calls[read] as CallRecord)) add(calls[read] as CallRecord);
  };

  return (resource: string | undefined): readonly Known[] => {
    follow();
    return resource === undefined ? all : (byResource.get(resource) ?? []);
  };
};

export const historyOperations = (world: World): Service['operations'] => {
  const trail = createTrail(world);

  const lookupEvents = (input: LookupEventsCommandInput): Omit<LookupEventsCommandOutput, '$metadata'> => {
    const { LookupAttributes: attributes = [], StartTime, EndTime, MaxResults = 50, NextToken, EventCategory } = input;
    if (attributes.length > 1) throw new AwsError('InvalidLookupAttributesException', 'Only one lookup attribute can be specified.');
    const attribute = attributes[0];
    const matcher = attribute && Object.hasOwn(matchers, attribute.AttributeKey ?? '') ? matchers[attribute.AttributeKey ?? ''] : undefined;
    if (attribute && (!matcher || !attribute.AttributeValue))
      throw new AwsError('InvalidLookupAttributesException', `Invalid lookup attribute: ${String(attribute.AttributeKey)}`);
    if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > 50)
      throw new AwsError(
        'InvalidMaxResultsException',
        'This exception is thrown if the limit specified is not valid: it must be between 1 and 50.',
      );
    if (StartTime && EndTime && StartTime > EndTime)
      throw new AwsError('InvalidTimeRangeException', 'The start time must be before the end time.');
    if (EventCategory !== undefined && EventCategory !== 'insight')
      throw new AwsError('InvalidEventCategoryException', `Invalid event category: ${String(EventCategory)}`);
    const question = JSON.stringify([attribute?.AttributeKey, attribute?.AttributeValue, StartTime, EndTime, EventCategory]);
    const [asOf, offset] = NextToken === undefined ? [world.clock.now(), 0] : readToken(NextToken, question);

    const earliest = Math.max(StartTime?.getTime() ?? 0, asOf - cloudTrailParameters.keptDays * day);
    const latest = Math.min(EndTime?.getTime() ?? asOf, asOf);
    const page: Event[] = [];
    let position = 0;
    const known = trail(attribute?.AttributeKey === 'ResourceName' ? attribute.AttributeValue : undefined);
    for (let i = known.length - 1; i >= 0 && page.length <= MaxResults; i--) {
      const { event, knownAt } = known[i] as Known;
      if (EventCategory === 'insight' || event.at < earliest || event.at > latest) continue;
      if (knownAt > asOf || (matcher && !matcher(event, attribute?.AttributeValue ?? ''))) continue;
      if (position++ < offset) continue;
      page.push({
        EventId: event.id,
        EventName: event.name,
        ReadOnly: 'false',
        AccessKeyId: event.accessKey,
        EventTime: new Date(Math.floor(event.at / 1000) * 1000),
        EventSource: event.source,
        Username: event.userName,
        Resources: event.resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
        CloudTrailEvent: JSON.stringify(event.record),
      });
    }
    const more = page.length > MaxResults;
    return {
      Events: page.slice(0, MaxResults),
      ...(more && { NextToken: writeToken([asOf, offset + MaxResults, question]) }),
    };
  };

  return {
    LookupEvents: operation<LookupEventsCommandInput, LookupEventsCommandOutput>(() => sdk.cloudTrail().LookupEvents$, lookupEvents),
  };
};
