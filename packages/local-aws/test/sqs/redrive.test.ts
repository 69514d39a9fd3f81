import {
  CancelMessageMoveTaskCommand,
  DeleteQueueCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { arnOf, redrivePolicy, type Setting, setUp } from './setup.ts';

let setting: Setting;
const start = (name: string, more = {}) => setting.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(name), ...more }));
const list = async (name: string, MaxResults?: number) =>
  (await setting.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf(name), MaxResults }))).Results ?? [];
const cancel = (TaskHandle: string) => setting.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
const bodies = (count: number, prefix = 'm') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Receives a queue's messages as often as it takes for all of them to be dead. */
const bury = async (name: string): Promise<void> => {
  const { receive, pass } = setting;
  for (let round = 0; round < 3; round++) {
    while ((await receive(name)).length > 0);
    await pass(31);
  }
};

beforeEach(async () => {
  setting = setUp();
  await setting.queue('dead');
  await setting.queue('orders', { RedrivePolicy: redrivePolicy('dead') });
});
afterEach(() => setting.aws.close());

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
describe('dead-letter policies', () => {
  test('are refused where their target cannot be, and kept where it can', async () => {
    const { queue, sqs, urlOf } = setting;
    await queue('other.fifo', { FifoQueue: 'true' });
    const set = (policy: string, name = 'orders') =>
      sqs.send(new SetQueueAttributesCommand({ QueueUrl: urlOf(name), Attributes: { RedrivePolicy: policy } }));
    for (const [policy, reason] of [
      [redrivePolicy('nowhere'), /Dead letter target does not exist/],
      [redrivePolicy('dead', 0), /valid values are from 1 to 1000/],
      [redrivePolicy('dead', 1001), /valid values are from 1 to 1000/],
      [redrivePolicy('other.fifo'), /same type/],
      ['{}', /needs a deadLetterTargetArn/],
    ] as const) {
      const { code, message } = await refusal(set(policy));
      expect([code, message]).toEqual(['InvalidParameterValue', expect.stringMatching(reason)]);
    }
    expect((await refusal(queue('late', { RedrivePolicy: redrivePolicy('nowhere') }))).code).toBe('InvalidParameterValue');
    await set(redrivePolicy('dead', 1000));
  });

  test('need the permission of their target', async () => {
    const { queue } = setting;
    const only = (...names: string[]) => JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: names.map(arnOf) });
    await queue('closed', { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
    await queue('choosy', { RedriveAllowPolicy: only('friend') });
    expect((await refusal(queue('a', { RedrivePolicy: redrivePolicy('closed') }))).message).toMatch(/does not permit/);
    expect((await refusal(queue('stranger', { RedrivePolicy: redrivePolicy('choosy') }))).message).toMatch(/does not permit/);
    await queue('friend', { RedrivePolicy: redrivePolicy('choosy') });
    expect((await refusal(queue('b', { RedriveAllowPolicy: '{"redrivePermission":"some"}' }))).code).toBe('InvalidParameterValue');
  });

  test('tell which queues have one, by pages', async () => {
    const { queue, sqs, urlOf } = setting;
    await queue('invoices', { RedrivePolicy: redrivePolicy('dead') });
    const ask = (more: { MaxResults?: number; NextToken?: string | undefined }, name = 'dead') =>
      sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: urlOf(name), ...more }));
    const names = ({ queueUrls = [] }: { queueUrls: string[] | undefined }) => queueUrls.map((url) => url.replace(/.*\/\d{12}\//, ''));
    expect(names(await ask({}))).toEqual(['orders', 'invoices']);
    const first = await ask({ MaxResults: 1 });
    expect(names(first)).toEqual(['orders']);
    const second = await ask({ MaxResults: 1, NextToken: first.NextToken });
    expect([names(second), second.NextToken]).toEqual([['invoices'], undefined]);
    expect(names(await ask({}, 'orders'))).toEqual([]);
    expect((await refusal(ask({}, 'nowhere'))).code).toBe('QueueDoesNotExist');
  });
});

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
describe('a move task', () => {
  test('brings each message back to where it came from, as a new one with its body and attributes', async () => {
    const { queue, send, receive, pass, sizes } = setting;
    await queue('invoices', { RedrivePolicy: redrivePolicy('dead') });
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'order' } };
    await send('orders', bodies(3, 'order'), { MessageAttributes });
    await send('invoices', bodies(2, 'invoice'));
    const [before] = await receive('orders', 1);
    await bury('orders');
    await bury('invoices');
    expect([await sizes('orders'), await sizes('invoices'), await sizes('dead')]).toEqual([
      [0, 0],
      [0, 0],
      [5, 0],
    ]);
    await start('dead');
    await pass(10);
    expect([await sizes('orders'), await sizes('invoices'), await sizes('dead')]).toEqual([
      [3, 0],
      [2, 0],
      [0, 0],
    ]);
    const moved = await receive('orders');
    expect(moved.map(({ Body }) => Body).sort()).toEqual(bodies(3, 'order'));
    expect(moved.map((one) => one.MessageAttributes?.kind?.StringValue)).toEqual(['order', 'order', 'order']);
    expect(moved.map(({ Attributes }) => Attributes?.ApproximateReceiveCount)).toEqual(['1', '1', '1']);
    expect(moved.map(({ MessageId }) => MessageId)).not.toContain(before?.MessageId);
    expect(Number(moved[0]?.Attributes?.SentTimestamp)).toBeGreaterThan(Number(before?.Attributes?.SentTimestamp));
    expect(await list('dead')).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 5, ApproximateNumberOfMessagesToMove: 5 },
    ]);
  });

  test('moves so many a second, and tells of them late', async () => {
    const { queue, send, pass, sizes } = setting;
    await queue('elsewhere');
    await send('dead', bodies(200));
    await start('dead', { DestinationArn: arnOf('elsewhere'), MaxNumberOfMessagesPerSecond: 5 });
    await pass(3);
    const [first = 0] = await sizes('elsewhere');
    await pass(4);
    const [second = 0] = await sizes('elsewhere');
    expect(second - first).toBe(20);
    const [task] = await list('dead');
    const running = { Status: 'RUNNING', ApproximateNumberOfMessagesMoved: 0, ApproximateNumberOfMessagesToMove: 200 };
    expect(task).toMatchObject({ ...running, MaxNumberOfMessagesPerSecond: 5, DestinationArn: arnOf('elsewhere') });
    expect(task?.TaskHandle).toBeDefined();
    await pass(60);
    expect(await sizes('elsewhere')).toEqual([200, 0]);
    expect((await list('dead'))[0]?.TaskHandle).toBeUndefined();
  });

  test('is cancelled after a moment, with what it has moved, and can be started again', async () => {
    const { queue, send, pass, sizes } = setting;
    await queue('elsewhere');
    await send('dead', bodies(100));
    const how = { DestinationArn: arnOf('elsewhere'), MaxNumberOfMessagesPerSecond: 1 };
    const { TaskHandle = '' } = await start('dead', how);
    await pass(12);
    expect((await cancel(TaskHandle)).ApproximateNumberOfMessagesMoved).toBeLessThan(12);
    expect(await list('dead')).toMatchObject([{ Status: 'CANCELLING' }]);
    expect((await refusal(cancel(TaskHandle))).code).toBe('UnsupportedOperation');
    await pass(5);
    const [task] = await list('dead');
    const [moved = 0] = await sizes('elsewhere');
    expect(task).toMatchObject({ Status: 'CANCELLED', ApproximateNumberOfMessagesMoved: moved });
    expect(moved).toBeGreaterThanOrEqual(9);
    expect(moved).toBeLessThanOrEqual(14);
    await pass(60);
    expect([await sizes('elsewhere'), await sizes('dead')]).toEqual([
      [moved, 0],
      [100 - moved, 0],
    ]);
    await start('dead', { ...how, MaxNumberOfMessagesPerSecond: 500 });
    await pass(5);
    expect(await sizes('elsewhere')).toEqual([100, 0]);
    expect((await list('dead', 10)).map(({ Status }) => Status)).toEqual(['COMPLETED', 'CANCELLED']);
    expect(await list('dead')).toHaveLength(1);
  });

  test("moves no more than there were when it began, so that poison doesn't go round", async () => {
    const { queue, pass, sizes, aws } = setting;
    await queue('quick', { RedrivePolicy: redrivePolicy('dead', 1), VisibilityTimeout: '1' });
    aws.queues.consume('quick', { rate: 100 });
    const poison = aws.faults.inject({ fault: 'poison-messages', target: 'quick', count: 40 });
    await pass(60);
    expect(await sizes('dead')).toEqual([40, 0]);
    await start('dead', { MaxNumberOfMessagesPerSecond: 1 });
    await pass(35);
    expect((await sizes('dead'))[0]).toBeGreaterThan(20);
    await pass(300);
    expect((await list('dead'))[0]).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 40 });
    expect([await sizes('dead'), await sizes('quick')]).toEqual([
      [40, 0],
      [0, 0],
    ]);
    aws.faults.end(poison);
    await start('dead');
    await pass(30);
    expect([await sizes('dead'), await sizes('quick')]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('fails where it cannot know or reach where to, and loses nothing', async () => {
    const { queue, send, pass, sizes, sqs, urlOf } = setting;
    await send('dead', bodies(30));
    await start('dead');
    await pass(5);
    expect(await list('dead')).toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]);
    await queue('elsewhere');
    await start('dead', { DestinationArn: arnOf('elsewhere'), MaxNumberOfMessagesPerSecond: 1 });
    await pass(4);
    const [moved = 0] = await sizes('elsewhere');
    expect(moved).toBeGreaterThan(0);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: urlOf('elsewhere') }));
    await pass(5);
    const failed = { Status: 'FAILED', FailureReason: 'AWS.SimpleQueueService.NonExistentQueue', ApproximateNumberOfMessagesMoved: moved };
    expect(await list('dead')).toMatchObject([failed]);
    expect(await sizes('dead')).toEqual([30 - moved, 0]);
  });

  test('is refused as AWS refuses it', async () => {
    const { queue, send, pass } = setting;
    await queue('elsewhere');
    await queue('other.fifo', { FifoQueue: 'true' });
    await send('dead', bodies(50));
    const invalid = { code: 'InvalidParameterValue', status: 400 };
    const gone = { code: 'ResourceNotFoundException', status: 404 };
    expect(await refusal(start('orders'))).toMatchObject({
      ...invalid,
      message: 'Source queue must be configured as a Dead Letter Queue.',
    });
    expect(await refusal(start('nowhere'))).toMatchObject({ ...gone, message: expect.stringContaining('SourceArn') });
    expect(await refusal(start('dead', { SourceArn: 'dead' }))).toMatchObject(invalid);
    expect(await refusal(start('dead', { DestinationArn: arnOf('nowhere') }))).toMatchObject({
      ...gone,
      message: expect.stringContaining('DestinationArn'),
    });
    expect(await refusal(start('dead', { DestinationArn: arnOf('dead') }))).toMatchObject(invalid);
    expect(await refusal(start('dead', { DestinationArn: arnOf('other.fifo') }))).toMatchObject(invalid);
    for (const MaxNumberOfMessagesPerSecond of [0, 501])
      expect(await refusal(start('dead', { MaxNumberOfMessagesPerSecond }))).toMatchObject(invalid);
    const { TaskHandle = '' } = await start('dead', { DestinationArn: arnOf('elsewhere'), MaxNumberOfMessagesPerSecond: 1 });
    expect(await refusal(start('dead'))).toMatchObject({ ...invalid, message: expect.stringContaining('already a task running') });
    expect(await refusal(cancel('nonsense'))).toMatchObject(invalid);
    const forged = (change: object) => {
      const handle = JSON.parse(Buffer.from(TaskHandle, 'base64').toString()) as object;
      return Buffer.from(JSON.stringify({ ...handle, ...change })).toString('base64');
    };
    expect(await refusal(cancel(forged({ taskId: 'other' })))).toMatchObject({ ...gone, message: 'Task does not exist.' });
    expect(await refusal(cancel(forged({ sourceArn: arnOf('nowhere') })))).toMatchObject(gone);
    await pass(60);
    expect(await refusal(cancel(TaskHandle))).toMatchObject({ code: 'UnsupportedOperation', status: 400 });
    expect(await refusal(list('nowhere'))).toMatchObject(gone);
    expect(await refusal(list('dead', 11))).toMatchObject(invalid);
    expect(await list('orders')).toEqual([]);
  });

  test('keeps the order of the groups of a FIFO queue', async () => {
    const { queue, send, receive, pass } = setting;
    await queue('dead.fifo', { FifoQueue: 'true' });
    await queue('orders.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true', RedrivePolicy: redrivePolicy('dead.fifo', 1) });
    await send('orders.fifo', bodies(3), { MessageGroupId: 'a' });
    for (let i = 0; i < 4; i++) {
      await receive('orders.fifo');
      await pass(31);
    }
    await start('dead.fifo');
    await pass(10);
    const [first] = await receive('orders.fifo');
    expect(first).toMatchObject({ Body: 'm0', Attributes: { MessageGroupId: 'a', ApproximateReceiveCount: '1' } });
  });
});
