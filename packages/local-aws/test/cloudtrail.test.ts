import { LookupEventsCommand, type LookupEventsCommandInput, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { type CallRecord, createWorld } from '../src/core/world.ts';
import { createLocalAws } from '../src/local-aws.ts';
import { createCloudTrail } from '../src/services/cloudtrail/index.ts';
import { createGateway } from '../src/wire/gateway.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

const setUp = () => {
  const world = createWorld(worldOptions);
  const { cloudTrail } = localClients(createGateway(world, [createCloudTrail(world).service]).handle);
  const called = (call: Partial<CallRecord> = {}) => {
    world.calls.push({
      at: world.clock.now(),
      requestId: `request-${world.calls.length}`,
      service: 'ec2',
      operation: 'RebootInstances',
      input: { InstanceIds: ['i-0123456789abcdef0'] },
      error: null,
      accessKey: 'ALICE',
      userAgent: 'test',
      answerLost: false,
      ...call,
    });
  };
  const lookUp = async (input: LookupEventsCommandInput = {}) => (await cloudTrail.send(new LookupEventsCommand(input))).Events ?? [];
  return { world, cloudTrail, called, lookUp, pass: (milliseconds: number) => world.clock.advanceTo(world.clock.now() + milliseconds) };
};

// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
describe('CloudTrail LookupEvents', () => {
  test('knows nothing of a call in its first minute and everything after fifteen', async () => {
    const { called, lookUp, pass } = setUp();
    for (let i = 0; i < 30; i++) called();
    pass(59_000);
    expect(await lookUp()).toHaveLength(0);
    pass(6 * minute);
    const some = (await lookUp()).length;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(30);
    pass(9 * minute);
    expect(await lookUp()).toHaveLength(30);
  });

  test('tells who called what on which resource, newest first', async () => {
    const { called, lookUp, pass } = setUp();
    called();
    pass(minute);
    called({ operation: 'StopInstances', accessKey: 'BOB' });
    pass(15 * minute);
    const events = await lookUp();
    expect(events.map(({ EventName, Username }) => [EventName, Username])).toEqual([
      ['StopInstances', 'BOB'],
      ['RebootInstances', 'ALICE'],
    ]);
    expect(events[1]).toMatchObject({
      EventSource: 'ec2.amazonaws.com',
      ReadOnly: 'false',
      AccessKeyId: 'ALICE',
      EventTime: new Date(worldOptions.start),
      Resources: [{ ResourceType: 'AWS::EC2::Instance', ResourceName: 'i-0123456789abcdef0' }],
    });
    expect(JSON.parse(events[1]?.CloudTrailEvent ?? '')).toMatchObject({
      eventVersion: '1.11',
      userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/ALICE', accountId: '123456789012', userName: 'ALICE' },
      eventTime: '2026-11-20T12:00:00Z',
      eventSource: 'ec2.amazonaws.com',
      eventName: 'RebootInstances',
      awsRegion: 'us-east-1',
      requestParameters: { instancesSet: { items: [{ instanceId: 'i-0123456789abcdef0' }] } },
      eventID: events[1]?.EventId,
      eventType: 'AwsApiCall',
      recipientAccountId: '123456789012',
    });
  });

  test('records refused calls with their error, and lost answers as the successes that they are', async () => {
    const { called, lookUp, pass } = setUp();
    called({ error: 'UnauthorizedOperation' });
    called({ error: 'InsufficientInstanceCapacity', operation: 'StartInstances' });
    called({ answerLost: true, operation: 'StopInstances' });
    pass(15 * minute);
    const codes = (await lookUp()).map(({ CloudTrailEvent }) => (JSON.parse(CloudTrailEvent ?? '') as { errorCode?: string }).errorCode);
    expect(codes).toEqual([undefined, 'Server.InsufficientInstanceCapacity', 'Client.UnauthorizedOperation']);
  });

  test('leaves out reads and calls on data', async () => {
    const { called, lookUp, pass } = setUp();
    called({ operation: 'DescribeInstances' });
    called({ service: 'dynamodb', operation: 'PutItem' });
    called({ service: 'sqs', operation: 'SendMessageBatch' });
    called({ service: 'sns', operation: 'Publish' });
    called({ service: 'lambda', operation: 'Invoke' });
    called({ service: 'monitoring', operation: 'PutMetricData' });
    called({ service: 'dynamodb', operation: 'CreateTable', input: { TableName: 'ledger' } });
    pass(15 * minute);
    expect((await lookUp()).map(({ EventName }) => EventName)).toEqual(['CreateTable']);
  });

  test.each([
    ['ResourceName', 'i-0aaaaaaaaaaaaaaaa', 1],
    ['EventName', 'StopInstances', 1],
    ['Username', 'BOB', 1],
    ['AccessKeyId', 'BOB', 1],
    ['EventSource', 'ec2.amazonaws.com', 2],
    ['ResourceType', 'AWS::EC2::Instance', 2],
    ['ReadOnly', 'true', 0],
  ] as const)('finds events by %s', async (AttributeKey, AttributeValue, count) => {
    const { called, lookUp, pass } = setUp();
    called();
    called({ operation: 'StopInstances', accessKey: 'BOB', input: { InstanceIds: ['i-0aaaaaaaaaaaaaaaa', 'i-0bbbbbbbbbbbbbbbb'] } });
    pass(15 * minute);
    expect(await lookUp({ LookupAttributes: [{ AttributeKey, AttributeValue }] })).toHaveLength(count);
  });

  test('looks within a time range, and no further back than ninety days', async () => {
    const { called, lookUp, pass } = setUp();
    called();
    pass(day);
    called();
    pass(day);
    const StartTime = new Date(worldOptions.start + minute);
    expect(await lookUp({ StartTime })).toHaveLength(1);
    expect(await lookUp({ EndTime: StartTime })).toHaveLength(1);
    expect(await lookUp()).toHaveLength(2);
    pass(88.5 * day);
    expect(await lookUp()).toHaveLength(1);
  });

  test('pages through all events once, fifty at a time, while more come in', async () => {
    const { called, cloudTrail, pass } = setUp();
    for (let i = 0; i < 120; i++) called();
    pass(15 * minute);
    const ids: string[] = [];
    const sizes: number[] = [];
    for await (const { Events = [] } of paginateLookupEvents({ client: cloudTrail }, {})) {
      sizes.push(Events.length);
      ids.push(...Events.map(({ EventId = '' }) => EventId));
      called();
      pass(15 * minute);
    }
    expect(sizes).toEqual([50, 50, 20]);
    expect(new Set(ids).size).toBe(120);
  });

  test.each<[LookupEventsCommandInput, string]>([
    [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
    [{ MaxResults: 0 }, 'InvalidMaxResultsException'],
    [{ NextToken: 'nonsense' }, 'InvalidNextTokenException'],
    [{ StartTime: new Date(2), EndTime: new Date(1) }, 'InvalidTimeRangeException'],
    [{ LookupAttributes: [{ AttributeKey: 'Nonsense' as 'EventName', AttributeValue: 'x' }] }, 'InvalidLookupAttributesException'],
    [
      {
        LookupAttributes: [
          { AttributeKey: 'EventName', AttributeValue: 'x' },
          { AttributeKey: 'Username', AttributeValue: 'x' },
        ],
      },
      'InvalidLookupAttributesException',
    ],
  ])('refuses %j', async (input, code) => {
    const { cloudTrail } = setUp();
    expect(await refusal(cloudTrail.send(new LookupEventsCommand(input)))).toMatchObject({ code, status: 400 });
  });

  test('refuses a token that belongs to another question', async () => {
    const { called, cloudTrail, pass } = setUp();
    for (let i = 0; i < 3; i++) called();
    pass(15 * minute);
    const { NextToken } = await cloudTrail.send(new LookupEventsCommand({ MaxResults: 1 }));
    const other = {
      MaxResults: 1,
      NextToken,
      LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'RebootInstances' }],
    };
    expect(await refusal(cloudTrail.send(new LookupEventsCommand(other)))).toMatchObject({ code: 'InvalidNextTokenException' });
  });

  test('tells the same whoever looks, and how often', async () => {
    const once = setUp();
    const often = setUp();
    for (const { called, pass } of [once, often]) {
      for (let i = 0; i < 10; i++) called();
      pass(5 * minute);
    }
    await often.lookUp();
    await often.lookUp({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'RebootInstances' }] });
    expect(await often.lookUp()).toEqual(await once.lookUp());
  });
});

// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
test('RunInstances is found by each of the instances that it has made, and names them in its answer', async () => {
  const aws = createLocalAws(worldOptions);
  const { ec2, cloudTrail } = localClients(aws.handle);
  const run = (change: object = {}) =>
    ec2.send(new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro', MinCount: 2, MaxCount: 2, ...change }));
  const { Instances = [] } = await run();
  await refusal(run({ InstanceType: 'nonsense' }));
  const ids = Instances.map(({ InstanceId = '' }) => InstanceId);
  await aws.advanceTo(worldOptions.start + 15 * minute);
  for (const AttributeValue of ids) {
    const look = new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue }] });
    const { Events = [] } = await cloudTrail.send(look);
    expect(Events).toMatchObject([{ EventName: 'RunInstances', Username: expect.any(String) }]);
    expect(
      Events[0]?.Resources?.filter(({ ResourceType }) => ResourceType === 'AWS::EC2::Instance').map(({ ResourceName }) => ResourceName),
    ).toEqual(ids);
    expect(JSON.parse(Events[0]?.CloudTrailEvent ?? '')).toMatchObject({
      responseElements: { instancesSet: { items: ids.map((instanceId) => ({ instanceId })) } },
    });
  }
  await aws.advanceTo(worldOptions.start + 16 * minute);
  const { Events = [] } = await cloudTrail.send(new LookupEventsCommand({}));
  const records = Events.map(
    ({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent) as { errorCode?: string; responseElements: unknown },
  );
  expect(records.filter(({ errorCode }) => errorCode !== undefined)).toMatchObject([{ responseElements: null }]);
  await aws.close();
});
