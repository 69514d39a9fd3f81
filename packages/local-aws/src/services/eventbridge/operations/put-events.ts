import type { PutEventsRequest, PutEventsRequestEntry, PutEventsResponse, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import type { EventBridgeEvent, World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type CallContext, operation } from '../../../wire/protocol/service.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const mostEntries = 10;
const mostBytes = 256 * 1024;

const failure = (ErrorCode: string, ErrorMessage: string): PutEventsResultEntry => ({ ErrorCode, ErrorMessage });
const required = (name: string) => failure('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
const sizeOf = ({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry): number =>
  (Time ? 14 : 0) + [Source, DetailType, Detail, ...Resources].reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);

const parseDetail = (text: string): Record<string, unknown> | undefined => {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? (detail as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** What brings events to the bus that an entry names. Throws the `AwsError` for a bus that doesn't let the caller. */
export type Sending = (entry: PutEventsRequestEntry, context: CallContext) => (event: EventBridgeEvent) => void;

/**
 * PutEvents: each entry is taken or refused by itself; those for a bus that doesn't exist are taken and lost, as on AWS. Whose account an
 * event is of, nobody but EventBridge says.
 */
export const putEvents = (world: World, sending: Sending) => {
  const ids = world.random.fork('put-events-ids');

  const put = (entry: PutEventsRequestEntry, send: (event: EventBridgeEvent) => void): PutEventsResultEntry => {
    const { Source, DetailType, Detail, Resources = [], Time } = entry;
    if (!Source) return required('Source');
    if (!DetailType) return required('DetailType');
    if (!Detail) return required('Detail');
    if (/^aws\./i.test(Source)) return failure('NotAuthorizedForSourceException', 'Not authorized for the source.');
    const detail = parseDetail(Detail);
    if (!detail) return failure('MalformedDetail', 'Detail is malformed.');
    const event: EventBridgeEvent = {
      version: '0',
      id: ids.uuid(),
      'detail-type': DetailType,
      source: Source,
      account: world.account,
      time: (Time ?? new Date(world.clock.now())).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      region: world.region,
      resources: [...Resources],
      detail,
    };
    send(event);
    return { EventId: event.id };
  };

  return operation<PutEventsRequest, PutEventsResponse>(
    () => sdk.eventBridge().PutEvents$,
    ({ Entries = [] }, context) => {
      if (Entries.length === 0 || Entries.length > mostEntries) {
        const bound = Entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${mostEntries}`;
        throw new AwsError(
          'ValidationException',
          `1 validation error detected: Value '[...]' at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
        );
      }
      if (Entries.reduce((bytes, entry) => bytes + sizeOf(entry), 0) > mostBytes) {
        throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
      }
      // A bus that is closed to the caller refuses the whole call.
      const sends = Entries.map((entry) => sending(entry, context));
      const results = Entries.map((entry, i) => put(entry, sends[i] as (typeof sends)[number]));
      return { Entries: results, FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length };
    },
  );
};
