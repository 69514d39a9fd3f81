import { CreateAutoScalingGroupCommand, CreateLaunchConfigurationCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DeleteMessageCommand, DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { localClients, worldOptions } from '../harness.ts';
import { redrivePolicy, type Setting, setUp } from './setup.ts';

let setting: Setting;
beforeEach(async () => {
  setting = setUp();
  await setting.queue('dead');
  await setting.queue('orders', { RedrivePolicy: redrivePolicy('dead', 3) });
});
afterEach(() => setting.aws.close());

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
describe('the metrics of a queue', () => {
  test('tell of what was sent, received and deleted, and of what is there', async () => {
    const { send, receive, pass, metric, sqs, urlOf } = setting;
    await send('orders', ['a', 'b', 'c']);
    await send('orders', ['later'], { DelaySeconds: 300 });
    await pass(60);
    const [first] = await receive('orders', 2);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf('orders'), ReceiptHandle: first?.ReceiptHandle }));
    await receive('dead');
    await pass(155);
    expect(await metric('orders', 'NumberOfMessagesSent', 'Sum')).toEqual([4, 0, 0]);
    expect(await metric('orders', 'NumberOfMessagesReceived', 'Sum')).toEqual([0, 2, 0]);
    expect(await metric('orders', 'NumberOfMessagesDeleted', 'Sum')).toEqual([0, 1, 0]);
    expect(await metric('dead', 'NumberOfEmptyReceives', 'Sum')).toEqual([0, 1, 0]);
    expect(await metric('orders', 'ApproximateNumberOfMessagesVisible')).toEqual([3, 2, 2]);
    expect(await metric('orders', 'ApproximateNumberOfMessagesNotVisible')).toEqual([0, 0, 0]);
    expect(await metric('orders', 'ApproximateNumberOfMessagesDelayed')).toEqual([1, 1, 1]);
    expect(await metric('orders', 'ApproximateAgeOfOldestMessage')).toEqual([60, 120, 180]);
    await pass(300);
    expect((await metric('orders', 'ApproximateNumberOfMessagesVisible')).at(-1)).toBe(3);
  });

  test('count no dead letter as sent, and its age since it died', async () => {
    const { pass, metric, aws } = setting;
    aws.queues.consume('orders', { rate: 10 });
    aws.faults.inject({ fault: 'poison-messages', target: 'orders', count: 5 });
    await pass(240);
    expect(Math.max(...(await metric('dead', 'ApproximateNumberOfMessagesVisible')))).toBe(5);
    expect(new Set(await metric('dead', 'NumberOfMessagesSent', 'Sum'))).toEqual(new Set([0]));
    expect((await metric('dead', 'ApproximateAgeOfOldestMessage')).at(-1)).toBeLessThan(180);
    // Poison is left out of a source queue's age once it was received three times.
    expect((await metric('orders', 'ApproximateAgeOfOldestMessage')).at(-1)).toBe(0);
  });

  test('end six hours after a queue was last used, and with the queue', async () => {
    const { pass, metric, sqs, urlOf, queue } = setting;
    await queue('short');
    await pass(120);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: urlOf('short') }));
    await pass(8 * 3600);
    expect((await metric('short', 'ApproximateNumberOfMessagesVisible')).length).toBeLessThanOrEqual(2);
    expect((await metric('dead', 'ApproximateNumberOfMessagesVisible')).length).toBe(361);
    await setting.receive('dead');
    await pass(120);
    expect((await metric('dead', 'ApproximateNumberOfMessagesVisible')).length).toBeGreaterThan(361);
  });

  test('drive alarms', async () => {
    const { pass, alarm, cloudWatch, send } = setting;
    await alarm('dead-letters', 'dead', 'ApproximateNumberOfMessagesVisible', 0);
    const state = async () => (await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.StateValue;
    await pass(180);
    expect(await state()).toBe('OK');
    await send('dead', ['one']);
    await pass(180);
    expect(await state()).toBe('ALARM');
  });
});

describe('a consumer', () => {
  test('keeps up with what is sent, without a message being there', async () => {
    const { pass, sizes, metric, aws } = setting;
    aws.queues.consume('orders', { rate: 20 });
    const leave = aws.queues.send('orders', { perSecond: 7, poison: 0 });
    await pass(24 * 3600);
    leave();
    await pass(120);
    expect(await sizes('orders')).toEqual([0, 0]);
    const sum = async (name: string) => (await metric('orders', name, 'Sum')).reduce((total, one) => total + one, 0);
    expect([await sum('NumberOfMessagesSent'), await sum('NumberOfMessagesDeleted')]).toEqual([604_800, 604_800]);
  });

  test('takes nothing off a queue during an outage, which fills the dead-letter queue until it ends', async () => {
    const { pass, sizes, aws } = setting;
    aws.queues.consume('orders', { rate: 20 });
    aws.faults.inject({ fault: 'send-messages', target: 'orders', perSecond: 2 });
    await pass(60);
    expect(await sizes('orders')).toEqual([0, 0]);
    const outage = aws.faults.inject({ fault: 'fail-consumer', target: 'orders' });
    await pass(60);
    expect(await sizes('dead')).toEqual([0, 0]);
    await pass(240);
    const [dead = 0] = await sizes('dead');
    const [visible = 0, inFlight = 0] = await sizes('orders');
    expect(dead).toBeGreaterThan(300);
    expect(dead + visible + inFlight).toBe(600);
    aws.faults.end(outage);
    // Those that had all their receives in the outage die at the next one.
    await pass(60);
    const [died = 0] = await sizes('dead');
    expect(died - dead).toBeLessThanOrEqual(60);
    await pass(300);
    expect([await sizes('orders'), await sizes('dead')]).toEqual([
      [0, 0],
      [died, 0],
    ]);
  });

  test('fails at a share, and at poison until that is over', async () => {
    const { pass, sizes, aws, metric } = setting;
    aws.queues.consume('orders', { rate: 50 });
    const poison = aws.faults.inject({ fault: 'poison-messages', target: 'orders', count: 7 });
    aws.faults.inject({ fault: 'send-messages', target: 'orders', perSecond: 1, poison: 0.1 });
    await pass(60);
    aws.faults.end(poison);
    await pass(240);
    const [dead = 0] = await sizes('dead');
    expect(dead).toBeGreaterThanOrEqual(15);
    expect(dead).toBeLessThanOrEqual(25);
    const half = aws.faults.inject({ fault: 'fail-consumer', target: 'orders', share: 0.5 });
    await pass(120);
    aws.faults.end(half);
    const [received = 0] = (await metric('orders', 'NumberOfMessagesReceived', 'Sum')).slice(-1);
    expect(received).toBeGreaterThan(80);
    expect(() => aws.faults.inject({ fault: 'fail-consumer', target: 'dead' })).toThrow('nothing consumes');
    expect(() => aws.faults.inject({ fault: 'send-messages', target: 'none', perSecond: 1 })).toThrow(RangeError);
  });

  test('is as fast as the healthy members of its group are many', async () => {
    const { pass, sizes, aws } = setting;
    const { autoScaling } = localClients(aws.handle);
    const AutoScalingGroupName = 'workers';
    await autoScaling.send(
      new CreateLaunchConfigurationCommand({ LaunchConfigurationName: 'lc', ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro' }),
    );
    const sizesOf = { MinSize: 1, MaxSize: 4, DesiredCapacity: 1 };
    const zones = { AvailabilityZones: [`${worldOptions.region}a`] };
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({ AutoScalingGroupName, LaunchConfigurationName: 'lc', ...sizesOf, ...zones }),
    );
    await pass(600);
    aws.queues.consume('orders', { rate: 2, on: { group: AutoScalingGroupName } });
    aws.faults.inject({ fault: 'send-messages', target: 'orders', perSecond: 5 });
    await pass(600);
    const [backlog = 0] = await sizes('orders');
    expect(backlog).toBe(1800);
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 4 }));
    await pass(1200);
    expect((await sizes('orders'))[0]).toBeLessThan(backlog);
    const slow = aws.faults.inject({ fault: 'slow-consumer', target: 'orders', share: 0.25 });
    await pass(1200);
    expect((await sizes('orders'))[0]).toBeGreaterThan(backlog);
    aws.faults.end(slow);
    await pass(3600);
    expect(await sizes('orders')).toEqual([0, 0]);
  });

  test('hands messages to its function, which says how many fail', async () => {
    const { pass, sizes, aws } = setting;
    let handed = 0;
    aws.queues.employ({
      function: (name, messages) => {
        if (name !== 'shop:live') return undefined;
        handed += messages;
        return messages;
      },
    });
    aws.queues.consume('orders', { rate: 50, on: { function: 'shop:live' } });
    aws.faults.inject({ fault: 'send-messages', target: 'orders', perSecond: 1 });
    await pass(60);
    expect(handed).toBeGreaterThan(30);
    expect((await sizes('orders'))[1]).toBeGreaterThan(25);
  });

  test('works on a FIFO queue in the order of its groups', async () => {
    const { pass, sizes, aws, queue } = setting;
    await queue('orders.fifo', { FifoQueue: 'true' });
    aws.queues.consume('orders.fifo', { rate: 20 });
    const leave = aws.queues.send('orders.fifo', { perSecond: 3, poison: 0 });
    await pass(120);
    leave();
    await pass(10);
    expect(await sizes('orders.fifo')).toEqual([0, 0]);
  });
});

test('nothing runs for queues without traffic', async () => {
  const { aws, pass } = setting;
  await pass(600);
  expect(aws.world.clock.next()).toBeUndefined();
  const leave = aws.queues.consume('orders', { rate: 1 });
  await pass(60);
  leave();
  await pass(600);
  expect(aws.world.clock.next()).toBeUndefined();
});
