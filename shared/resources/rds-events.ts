import { DescribeEventsCommand, type DescribeEventsCommandOutput, type RDSClient, type SourceType } from '@aws-sdk/client-rds';
import { minuteMs } from '../model/duration.ts';

/** What RDS said: in milliseconds since the epoch, and its words without a full stop. */
export type RdsEvent = { at: number; message: string };

/**
 * The events of a database or a parameter group of the last so many milliseconds, newest first. RDS keeps them for 14 days.
 * @throws whatever the SDK throws
 */
export const readRdsEvents = async (
  rds: RDSClient,
  SourceIdentifier: string,
  SourceType: SourceType,
  backMs: number,
): Promise<RdsEvent[]> => {
  const found: RdsEvent[] = [];
  let Marker: string | undefined;
  do {
    const page: DescribeEventsCommandOutput = await rds.send(
      new DescribeEventsCommand({ SourceIdentifier, SourceType, Duration: backMs / minuteMs, Marker }),
    );
    for (const { Date: at, Message = '' } of page.Events ?? [])
      if (at) found.push({ at: at.getTime(), message: Message.replace(/\.$/, '') });
    ({ Marker } = page);
  } while (Marker);
  return found.toSorted((a, b) => b.at - a.at);
};
