import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../src/local-aws.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';
import { logGroupName, logsWorld, stream } from './setup.ts';

const day = 24 * 3600;

describe('log groups and streams', () => {
  test('are made, described and deleted', async () => {
    const { logs, world, write } = await logsWorld();
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/other' }));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'a' }));
    await write(['12345'], 60);
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/shop' }));
    expect(logGroups).toMatchObject([
      {
        logGroupName,
        creationTime: world.start,
        metricFilterCount: 0,
        arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/shop/api:*',
        storedBytes: 31,
      },
    ]);
    const streams = async (more: object) =>
      (await logs.send(new DescribeLogStreamsCommand({ logGroupName, ...more }))).logStreams?.map(({ logStreamName }) => logStreamName);
    expect(await streams({})).toEqual(['a', 'i-1']);
    expect(await streams({ logStreamNamePrefix: 'i' })).toEqual(['i-1']);
    expect(await streams({ orderBy: 'LastEventTime', descending: true })).toEqual(['i-1', 'a']);
    const first = await logs.send(new DescribeLogStreamsCommand({ logGroupName, limit: 1 }));
    expect(await streams({ limit: 1, nextToken: first.nextToken })).toEqual(['i-1']);
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    expect((await refusal(streams({}))).code).toBe('ResourceNotFoundException');
  });

  test.each([
    ['a group that there is', new CreateLogGroupCommand({ logGroupName }), 'ResourceAlreadyExistsException'],
    ['a stream that there is', new CreateLogStreamCommand(stream), 'ResourceAlreadyExistsException'],
    ['a group name that is none', new CreateLogGroupCommand({ logGroupName: 'a b' }), 'InvalidParameterException'],
    ['a stream name that is none', new CreateLogStreamCommand({ logGroupName, logStreamName: 'a:b' }), 'InvalidParameterException'],
    ['a retention that is none', new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 2 }), 'InvalidParameterException'],
    [
      'a class that is not served',
      new CreateLogGroupCommand({ logGroupName: 'b', logGroupClass: 'DELIVERY' }),
      'InvalidParameterException',
    ],
    ['no group', new CreateLogStreamCommand({ logGroupName: 'none', logStreamName: 'a' }), 'ResourceNotFoundException'],
  ])('%s is refused', async (_, command, code) => {
    const { logs } = await logsWorld();
    expect((await refusal(logs.send(command as CreateLogGroupCommand))).code).toBe(code);
  });
});

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
describe('PutLogEvents', () => {
  test('leaves out what is too old, expired or too new, and says so by index', async () => {
    const { logs, world } = await logsWorld();
    const at = (days: number) => ({ timestamp: world.start + days * day * 1000, message: `${days}` });
    const put = async (...days: number[]) =>
      (await logs.send(new PutLogEventsCommand({ ...stream, logEvents: days.map(at) }))).rejectedLogEventsInfo;
    expect(await put(-20, -15, -0.5, 0)).toEqual({ tooOldLogEventEndIndex: 2 });
    expect(await put(0.05, 0.1, 0.2)).toEqual({ tooNewLogEventStartIndex: 1 });
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 3 }));
    expect(await put(-20, -5, -4, 0)).toEqual({ tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 3 });
    expect(await put(0)).toBeUndefined();
    const { events } = await logs.send(new GetLogEventsCommand({ ...stream, startFromHead: true }));
    expect(events?.map(({ message }) => message)).toEqual(['-0.5', '0', '0', '0', '0.05']);
  });

  test.each([
    ['in no order', [2, 1]],
    ['that spans more than a day', [-90_000, 0]],
    ['of none', []],
    ['of too many', Array.from({ length: 10_001 }, () => 0)],
  ])('refuses a batch %s', async (_, seconds) => {
    const { logs, world } = await logsWorld();
    const logEvents = seconds.map((second) => ({ timestamp: world.start + second * 1000, message: 'x' }));
    expect((await refusal(logs.send(new PutLogEventsCommand({ ...stream, logEvents })))).code).toBe('InvalidParameterException');
  });

  test('refuses a batch of more than 1 MiB, each event counting 26 bytes more than its message', async () => {
    const { write } = await logsWorld();
    const half = 'é'.repeat(524_288 / 2 - 13);
    await write([half, half]);
    expect((await refusal(write([half, `${half}x`]))).message).toBe('Upload too large: 1048577 bytes exceeds limit of 1048576');
  });
});

describe('log events', () => {
  test('are filtered by pattern, time and stream, in pages', async () => {
    const { logs, write, pass, world } = await logsWorld();
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'j' }));
    await write(['ERROR one', 'fine']);
    pass(60);
    await write(['ERROR two']);
    const found = async (more: object) =>
      (await logs.send(new FilterLogEventsCommand({ logGroupName, ...more }))).events?.map(({ message }) => message);
    expect(await found({})).toEqual(['ERROR one', 'fine', 'ERROR two']);
    expect(await found({ filterPattern: 'ERROR' })).toEqual(['ERROR one', 'ERROR two']);
    expect(await found({ filterPattern: 'ERROR', startTime: world.start + 1 })).toEqual(['ERROR two']);
    expect(await found({ endTime: world.start })).toEqual(['ERROR one', 'fine']);
    expect(await found({ logStreamNames: ['j'] })).toEqual([]);
    const { nextToken } = await logs.send(new FilterLogEventsCommand({ logGroupName, limit: 2 }));
    expect(await found({ limit: 2, nextToken })).toEqual(['ERROR two']);
  });

  test('are got forwards and backwards; a token at the end leads to itself', async () => {
    const { logs, write } = await logsWorld();
    await write(['1', '2', '3']);
    const get = async (more: object) => {
      const { events, nextForwardToken, nextBackwardToken } = await logs.send(new GetLogEventsCommand({ ...stream, limit: 2, ...more }));
      return { messages: events?.map(({ message }) => message), nextForwardToken, nextBackwardToken };
    };
    const latest = await get({});
    expect(latest.messages).toEqual(['2', '3']);
    expect((await get({ nextToken: latest.nextBackwardToken })).messages).toEqual(['1']);
    const first = await get({ startFromHead: true });
    const second = await get({ nextToken: first.nextForwardToken });
    expect([first.messages, second.messages]).toEqual([['1', '2'], ['3']]);
    expect(await get({ nextToken: second.nextForwardToken })).toMatchObject({ messages: [], nextForwardToken: second.nextForwardToken });
  });

  test('are gone after the retention', async () => {
    const { logs, write, pass } = await logsWorld();
    await write(['old']);
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 }));
    pass(day + 1);
    expect((await logs.send(new FilterLogEventsCommand({ logGroupName }))).events).toEqual([]);
  });

  test('are written by software, too', async () => {
    const aws = createLocalAws(worldOptions);
    const { logs } = localClients(aws.handle);
    aws.logs.write(logGroupName, 'i-1', ['one', 'two']);
    aws.logs.write(logGroupName, 'i-1', ['three']);
    const { events } = await logs.send(new GetLogEventsCommand(stream));
    expect(events?.map(({ message, timestamp }) => [message, timestamp])).toEqual(
      ['one', 'two', 'three'].map((message) => [message, worldOptions.start]),
    );
    await aws.close();
  });

  test('are nothing that CloudTrail tells of, but that a group is made is', async () => {
    const aws = createLocalAws(worldOptions);
    const { logs, cloudTrail } = localClients(aws.handle);
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await logs.send(new CreateLogStreamCommand(stream));
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: worldOptions.start, message: 'x' }] }));
    await logs.send(new FilterLogEventsCommand({ logGroupName }));
    await aws.advanceTo(worldOptions.start + 3_600_000);
    const { Events } = await cloudTrail.send(new LookupEventsCommand({}));
    expect(Events?.map(({ EventName, EventSource }) => [EventName, EventSource]).sort()).toEqual([
      ['CreateLogGroup', 'logs.amazonaws.com'],
      ['CreateLogStream', 'logs.amazonaws.com'],
    ]);
    await aws.close();
  });
});
