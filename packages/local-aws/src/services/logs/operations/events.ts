import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import { logsParameters } from '../../../core/model-parameters.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { LogGroups, StoredEvent } from '../model/groups.ts';
import type { LogEvent } from '../model/metric-filters.ts';
import { parsePattern } from '../model/pattern.ts';
import { badParameter, page, refuseUnserved } from './check.ts';

const { batch: limits, eventBytes, eventsPerPage } = logsParameters;

/** The events of a batch, if the whole of it can be taken. */
const batchOf = (input: readonly Sdk.InputLogEvent[]): LogEvent[] => {
  if (input.length < 1 || input.length > limits.events) throw badParameter(`A batch must have 1 to ${limits.events} log events`);
  const events = input.map(({ timestamp = -1, message = '' }) => ({ timestamp, message }));
  let bytes = 0;
  for (const [i, { timestamp, message }] of events.entries()) {
    const size = Buffer.byteLength(message);
    if (!Number.isInteger(timestamp) || timestamp < 0) throw badParameter(`logEvents.${i + 1}.timestamp must be 0 or more`);
    if (size < 1) throw badParameter(`logEvents.${i + 1}.message must not be empty`);
    if (size > eventBytes) throw badParameter(`Log event too large: ${size} bytes exceeds limit of ${eventBytes}`);
    if (timestamp < (events[i - 1]?.timestamp ?? 0))
      throw badParameter('Log events in a single PutLogEvents request must be in chronological order.');
    bytes += size + limits.overheadBytes;
  }
  if (bytes > limits.bytes) throw badParameter(`Upload too large: ${bytes} bytes exceeds limit of ${limits.bytes}`);
  return events;
};

/** Where in a stream a page of GetLogEvents begins (`f/`) or ends (`b/`). */
const positionOf = (token: string, total: number): { forward: boolean; index: number } => {
  const [, direction, index] = /^([fb])\/(\d{1,9})$/.exec(token) ?? [];
  if (index === undefined) throw badParameter('The specified nextToken is invalid.');
  return { forward: direction === 'f', index: Math.min(Number(index), total) };
};

/** Log events in and out. */
export const eventOperations = (logs: LogGroups): Record<string, Operation> => {
  const put = (input: Sdk.PutLogEventsCommandInput): Omit<Sdk.PutLogEventsCommandOutput, '$metadata'> => {
    refuseUnserved(input, 'entity');
    const group = logs.expect(input.logGroupName);
    const stream = logs.expectStream(group, input.logStreamName);
    const rejected = logs.ingest(group, stream, batchOf(input.logEvents ?? []));
    return Object.keys(rejected).length > 0 ? { rejectedLogEventsInfo: rejected } : {};
  };

  const within = (events: readonly StoredEvent[], from = 0, to = Number.POSITIVE_INFINITY) =>
    events.filter(({ timestamp }) => timestamp >= from && timestamp <= to);

  const filter = (input: Sdk.FilterLogEventsCommandInput): Omit<Sdk.FilterLogEventsCommandOutput, '$metadata'> => {
    refuseUnserved(input, 'logGroupIdentifier', 'unmask');
    if (input.startFromHead === false)
      throw badParameter('The parameter startFromHead with the value false is not served by the local AWS');
    const { logStreamNames: names, logStreamNamePrefix: prefix, filterPattern = '', limit = eventsPerPage } = input;
    if (names && prefix !== undefined) throw badParameter('logStreamNames and logStreamNamePrefix cannot both be specified.');
    const group = logs.expect(input.logGroupName);
    const pattern = parsePattern(filterPattern);
    const streams = names
      ? names.map((name) => logs.expectStream(group, name))
      : [...group.streams.values()].filter(({ name }) => name.startsWith(prefix ?? ''));
    const found = streams
      .flatMap((stream) => within(logs.kept(group, stream), input.startTime, input.endTime).map((event) => ({ stream, event })))
      .filter(({ event }) => pattern.match(event.message))
      .sort((a, b) => a.event.timestamp - b.event.timestamp);
    const { items, ...more } = page(found, { limit, nextToken: input.nextToken }, eventsPerPage);
    return {
      events: items.map(({ stream, event: { id, ingestedAt, timestamp, message } }) => ({
        logStreamName: stream.name,
        timestamp,
        message,
        ingestionTime: ingestedAt,
        eventId: id,
      })),
      searchedLogStreams: [],
      ...more,
    };
  };

  const get = (input: Sdk.GetLogEventsCommandInput): Omit<Sdk.GetLogEventsCommandOutput, '$metadata'> => {
    refuseUnserved(input, 'logGroupIdentifier', 'unmask');
    const { limit = eventsPerPage, startFromHead = false } = input;
    if (limit < 1 || limit > eventsPerPage) throw badParameter(`The limit ${limit} must be between 1 and ${eventsPerPage}`);
    const group = logs.expect(input.logGroupName);
    const stream = logs.expectStream(group, input.logStreamName);
    // "Events with a timestamp equal to or later than this time are not included", unlike FilterLogEvents.
    const found = within(logs.kept(group, stream), input.startTime, (input.endTime ?? Number.POSITIVE_INFINITY) - 1);
    const { forward, index } = positionOf(input.nextToken ?? (startFromHead ? 'f/0' : `b/${found.length}`), found.length);
    const start = forward ? index : Math.max(0, index - limit);
    const end = forward ? Math.min(found.length, index + limit) : index;
    return {
      events: found.slice(start, end).map(({ timestamp, message, ingestedAt }) => ({ timestamp, message, ingestionTime: ingestedAt })),
      nextForwardToken: `f/${end}`,
      nextBackwardToken: `b/${start}`,
    };
  };

  return {
    PutLogEvents: operation<Sdk.PutLogEventsCommandInput, Sdk.PutLogEventsCommandOutput>(() => sdk.cloudWatchLogs().PutLogEvents$, put),
    FilterLogEvents: operation<Sdk.FilterLogEventsCommandInput, Sdk.FilterLogEventsCommandOutput>(
      () => sdk.cloudWatchLogs().FilterLogEvents$,
      filter,
    ),
    GetLogEvents: operation<Sdk.GetLogEventsCommandInput, Sdk.GetLogEventsCommandOutput>(() => sdk.cloudWatchLogs().GetLogEvents$, get),
  };
};
