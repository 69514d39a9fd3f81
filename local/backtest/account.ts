import { setTimeout as sleep } from 'node:timers/promises';
import { CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, DescribeAlarmHistoryCommand, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { interventions } from '../../shared/guards/recent-manual-change.ts';
import { UsageError } from '../../shared/model/errors.ts';
import type { Item, Source } from '../input/source.ts';
import { remedyOf } from '../terminal/aws-remedy.ts';

/** IAM actions of reading an account; none of them changes anything. */
export const accountPermissions = ['cloudwatch:DescribeAlarms', 'cloudwatch:DescribeAlarmHistory', 'cloudtrail:LookupEvents'] as const;

/** The maximum number of calls: they arrive newest first and have to be reversed in memory. */
const maxCalls = 50_000;
/** LookupEvents is limited to two calls a second per account and region, and a live selfheal needs some of them. In milliseconds. */
const betweenLookups = 1000;

type Account = {
  cloudWatch: Pick<CloudWatchClient, 'send'>;
  cloudTrail: Pick<CloudTrailClient, 'send'>;
  sleep: (milliseconds: number) => Promise<void>;
};

type Span = { from: Date; to: Date };

async function* alarmItems({ cloudWatch }: Account, { from, to }: Span): AsyncGenerator<Item> {
  for (let NextToken: string | undefined, page = 1; page === 1 || NextToken !== undefined; page++) {
    const found = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100, NextToken }),
    );
    NextToken = found.NextToken;
    yield {
      where: `DescribeAlarms page ${page}`,
      value: { MetricAlarms: found.MetricAlarms ?? [], CompositeAlarms: found.CompositeAlarms ?? [] },
    };
  }
  for (let NextToken: string | undefined, page = 1; page === 1 || NextToken !== undefined; page++) {
    const found = await cloudWatch.send(
      new DescribeAlarmHistoryCommand({
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        HistoryItemType: 'StateUpdate',
        StartDate: from,
        EndDate: to,
        ScanBy: 'TimestampAscending',
        MaxRecords: 100,
        NextToken,
      }),
    );
    NextToken = found.NextToken;
    for (const [index, value] of (found.AlarmHistoryItems ?? []).entries())
      yield { where: `DescribeAlarmHistory page ${page}[${index}]`, value };
  }
}

/** Only looks up the calls that matter: reading past all others would take hours. */
async function* callItems({ cloudTrail, sleep }: Account, { from, to }: Span): AsyncGenerator<Item> {
  const events: Event[] = [];
  let asked = 0;
  for (const name of interventions) {
    let NextToken: string | undefined;
    do {
      if (asked++ > 0) await sleep(betweenLookups);
      const found = await cloudTrail.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: name }],
          StartTime: from,
          EndTime: to,
          NextToken,
        }),
      );
      events.push(...(found.Events ?? []));
      NextToken = found.NextToken;
    } while (NextToken !== undefined && events.length < maxCalls);
    if (NextToken !== undefined) {
      yield { where: `LookupEvents ${name}`, problem: `more than ${maxCalls} calls: those before the newest of them were not read` };
      break;
    }
  }
  events.sort((a, b) => (a.EventTime?.getTime() ?? 0) - (b.EventTime?.getTime() ?? 0));
  for (const event of events) yield { where: `LookupEvents ${event.EventId}`, value: { Events: [event] } };
}

/**
 * An error ends the source and is reported; everything read before it counts.
 * @throws {UsageError} with the remedy, if AWS can't be asked at all
 */
const sourceOf = (items: AsyncGenerator<Item>, name: string): Source => {
  let taken = 0;
  return {
    next: async () => {
      try {
        const { value, done } = await items.next();
        if (done) return null;
        taken++;
        return value;
      } catch (error) {
        const remedy = remedyOf(error);
        if (remedy !== null) throw new UsageError(remedy);
        const { name: code, message } = error as Error;
        return { where: name, problem: `${code}: ${message}` };
      }
    },
    position: () => ({ file: 0, taken }),
    close: () => void items.return(undefined),
  };
};

/** The alarm history and the calls of one account and region, read through calls that change nothing. */
export const accountSources = (account: Account, span: Span): Source[] => [
  sourceOf(alarmItems(account, span), 'DescribeAlarmHistory'),
  sourceOf(callItems(account, span), 'LookupEvents'),
];

/** The sources of the account in the environment, as every AWS SDK finds it. Times are milliseconds since the epoch. */
export const sourcesOf = ({ from, to }: { from: number; to: number }): Source[] => {
  const config = { maxAttempts: 8, retryMode: 'adaptive' };
  const account = { cloudWatch: new CloudWatchClient(config), cloudTrail: new CloudTrailClient(config), sleep: (ms: number) => sleep(ms) };
  return accountSources(account, { from: new Date(from), to: new Date(to) });
};
