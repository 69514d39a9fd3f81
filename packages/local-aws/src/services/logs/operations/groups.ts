import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import { logsParameters } from '../../../core/model-parameters.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { LogGroup, LogGroups, LogStream } from '../model/groups.ts';
import { badParameter, checkName, page, refuseUnserved } from './check.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const bytesOf = ({ message }: { message: string }) => Buffer.byteLength(message) + logsParameters.batch.overheadBytes;

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

/** Log groups and their streams. */
export const groupOperations = (logs: LogGroups): Record<string, Operation> => {
  const describe = (group: LogGroup): Sdk.LogGroup => ({
    logGroupName: group.name,
    creationTime: group.createdAt,
    ...(group.retentionDays !== undefined && { retentionInDays: group.retentionDays }),
    metricFilterCount: group.filters.size,
    arn: `${group.arn}:*`,
    logGroupArn: group.arn,
    storedBytes: [...group.streams.values()].flatMap((stream) => logs.kept(group, stream)).reduce((sum, event) => sum + bytesOf(event), 0),
    logGroupClass: 'STANDARD',
  });

  const describeStream = (group: LogGroup, stream: LogStream): Sdk.LogStream => {
    const events = logs.kept(group, stream);
    return {
      logStreamName: stream.name,
      creationTime: stream.createdAt,
      ...(events.length > 0 && { firstEventTimestamp: events[0]?.timestamp, lastEventTimestamp: events.at(-1)?.timestamp }),
      ...(stream.lastIngestionAt !== undefined && { lastIngestionTime: stream.lastIngestionAt }),
      arn: stream.arn,
      storedBytes: 0,
    };
  };

  const createGroup = (input: Sdk.CreateLogGroupCommandInput): Record<string, never> => {
    refuseUnserved(input, 'kmsKeyId', 'tags', 'deletionProtectionEnabled');
    if ((input.logGroupClass ?? 'STANDARD') !== 'STANDARD')
      throw badParameter(`The log group class ${input.logGroupClass} is not served by the local AWS`);
    logs.create(checkName('logGroupName', input.logGroupName));
    return {};
  };

  const describeGroups = (input: Sdk.DescribeLogGroupsCommandInput): Omit<Sdk.DescribeLogGroupsCommandOutput, '$metadata'> => {
    refuseUnserved(input, 'logGroupIdentifiers', 'accountIdentifiers', 'includeLinkedAccounts', 'logGroupClass');
    const { logGroupNamePrefix: prefix = '', logGroupNamePattern: part = '' } = input;
    const found = [...logs.groups.values()]
      .filter(({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(part.toLowerCase()))
      .sort(byName);
    const { items, ...more } = page(found, input);
    return { logGroups: items.map(describe), ...more };
  };

  const describeStreams = (input: Sdk.DescribeLogStreamsCommandInput): Omit<Sdk.DescribeLogStreamsCommandOutput, '$metadata'> => {
    refuseUnserved(input, 'logGroupIdentifier');
    const { logStreamNamePrefix: prefix = '', orderBy = 'LogStreamName', descending = false } = input;
    if (orderBy === 'LastEventTime' && prefix !== '') throw badParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
    const group = logs.expect(input.logGroupName);
    const found = [...group.streams.values()].filter(({ name }) => name.startsWith(prefix)).sort(byName);
    const lastOf = (stream: LogStream) => logs.kept(group, stream).at(-1)?.timestamp ?? 0;
    if (orderBy === 'LastEventTime') found.sort((a, b) => lastOf(a) - lastOf(b));
    if (descending) found.reverse();
    const { items, ...more } = page(found, input);
    return { logStreams: items.map((stream) => describeStream(group, stream)), ...more };
  };

  return {
    CreateLogGroup: operation<Sdk.CreateLogGroupCommandInput, object>(() => sdk.cloudWatchLogs().CreateLogGroup$, createGroup),
    DeleteLogGroup: operation<Sdk.DeleteLogGroupCommandInput, object>(
      () => sdk.cloudWatchLogs().DeleteLogGroup$,
      ({ logGroupName }) => {
        logs.groups.delete(logs.expect(logGroupName).name);
        return {};
      },
    ),
    DescribeLogGroups: operation<Sdk.DescribeLogGroupsCommandInput, Sdk.DescribeLogGroupsCommandOutput>(
      () => sdk.cloudWatchLogs().DescribeLogGroups$,
      describeGroups,
    ),
    PutRetentionPolicy: operation<Sdk.PutRetentionPolicyCommandInput, object>(
      () => sdk.cloudWatchLogs().PutRetentionPolicy$,
      ({ logGroupName, retentionInDays: days = 0 }) => {
        const group = logs.expect(logGroupName);
        if (!retentions.includes(days)) throw badParameter(`The retentionInDays ${days} must be one of ${retentions.join(', ')}`);
        group.retentionDays = days;
        return {};
      },
    ),
    CreateLogStream: operation<Sdk.CreateLogStreamCommandInput, object>(
      () => sdk.cloudWatchLogs().CreateLogStream$,
      ({ logGroupName, logStreamName }) => {
        logs.createStream(logs.expect(logGroupName), checkName('logStreamName', logStreamName));
        return {};
      },
    ),
    DescribeLogStreams: operation<Sdk.DescribeLogStreamsCommandInput, Sdk.DescribeLogStreamsCommandOutput>(
      () => sdk.cloudWatchLogs().DescribeLogStreams$,
      describeStreams,
    ),
  };
};
