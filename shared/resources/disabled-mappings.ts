import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { type EventSourceMappingConfiguration, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { attempt } from '../aws/call.ts';
import { readTrailEvent } from '../aws/change-history.ts';
import type { Clients } from '../aws/clients.ts';
import { clockTime, dayMs, minuteMs } from '../model/duration.ts';
import { plainLine } from '../model/text.ts';

/** It takes no resource. */
export const disabledMappingsPermissions = ['lambda:ListEventSourceMappings'] as const;

/** What people have disabled for longer is as they want it. In milliseconds. */
const newsMs = dayMs;
/** A few are enough to know where to look. */
const most = 3;

/** The reason that Lambda gives for what a user does; that it is this one is assumed, from the examples in its documentation. */
const byUser = /user/i;

/** Its name in CloudTrail: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html */
const disables = 'UpdateEventSourceMapping20150331';

/** Who changed it at this time; null if CloudTrail doesn't know it, or not yet. */
const whoChanged = async ({ cloudTrail }: Clients, id: string, at: number): Promise<string | null> => {
  const asked = await attempt(() =>
    cloudTrail.send(
      new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: disables }],
        StartTime: new Date(at - minuteMs),
        EndTime: new Date(at + minuteMs),
      }),
    ),
  );
  const found = asked.ok ? asked.value.Events?.find(({ CloudTrailEvent = '' }) => CloudTrailEvent.includes(id)) : undefined;
  return found ? readTrailEvent(found).who : null;
};

const tell = async (clients: Clients, mapping: EventSourceMappingConfiguration): Promise<string> => {
  const { UUID = '', EventSourceArn = '', FunctionArn = '', StateTransitionReason = '', LastProcessingResult = '', LastModified } = mapping;
  const what = `what reads ${EventSourceArn.split(':').at(-1)} for function ${FunctionArn.split(':').slice(6).join(':')}`;
  const when = LastModified ? ` at ${clockTime(LastModified.getTime())}` : '';
  if (!byUser.test(StateTransitionReason))
    return plainLine(
      `Lambda itself has disabled ${what}${when}: ${[StateTransitionReason, LastProcessingResult].filter(Boolean).join(', ')}`,
      300,
    );
  const who = LastModified ? await whoChanged(clients, UUID, LastModified.getTime()) : null;
  return plainLine(`${who ?? 'someone'} has disabled ${what}${when}`, 300);
};

/**
 * The event source mappings of a function or a queue that Lambda has disabled, or that a person has within the last day, in words for people.
 * @throws whatever the SDK throws
 */
export const disabledMappings = async (
  clients: Clients,
  of: { FunctionName: string } | { EventSourceArn: string },
  now: number,
): Promise<string[]> => {
  const { EventSourceMappings = [] } = await clients.of(LambdaClient).send(new ListEventSourceMappingsCommand(of));
  const disabled = EventSourceMappings.filter(
    ({ State, StateTransitionReason = '', LastModified }) =>
      (State === 'Disabled' || State === 'Disabling') &&
      (!byUser.test(StateTransitionReason) || now - (LastModified?.getTime() ?? 0) <= newsMs),
  );
  return Promise.all(disabled.slice(0, most).map((one) => tell(clients, one)));
};
