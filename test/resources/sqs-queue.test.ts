import { CreateQueueCommand, SendMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeQueue, sqsQueue } from '../../shared/resources/sqs-queue.ts';
import { incident, noon, policy } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const about = alarmOn('AWS/SQS', { type: 'queue', id: 'orders' });

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

describe('a look at an SQS queue', () => {
  test('tells what waits in it, where dead letters go, and when its settings were changed', async () => {
    const sqs = world.operator.of(SQSClient);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
    await sqs.send(new CreateQueueCommand({ QueueName: 'orders-dlq' }));
    for (const MessageBody of ['a', 'b']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await world.aws.advanceTo(noon - 4 * minute);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:123456789012:orders-dlq', maxReceiveCount: 3 });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
    const seen = await world.look(about);
    expect(seen.line).toBe(
      'SQS queue orders: 2 messages waiting; settings changed at 11:56 UTC, 4 min 00 s ago; 0 in flight, 0 delayed; dead-letter queue orders-dlq',
    );
    expect(seen.change?.at).toBe(noon - 4 * minute);
  });

  test('finds what decides about moving its messages, where the policy names that', async () => {
    const sqs = world.operator.of(SQSClient);
    await sqs.send(new CreateQueueCommand({ QueueName: 'orders', tags: { selfheal: 'on', 'selfheal:consumer': 'group/shop' } }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:123456789012:orders', maxReceiveCount: '4' });
    const Attributes = { RedrivePolicy, VisibilityTimeout: '90' };
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'source', Attributes, tags: { team: 'shop' } }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    const look = (given: Record<string, unknown>, id = 'orders', of = about) => {
      const { redrive, consumers, lambda, ecs, databases, certificates, commands } = policy(given);
      const input = { now: noon, known: undefined, policy: { redrive, consumers, lambda, ecs, databases, certificates, commands } };
      return describeQueue(world.operator, { ...input, incident: { ...incident(), ...of, resource: { type: 'queue', id } } });
    };
    expect(await look({ redrive: {}, consumers: { tags: 'on' } })).toEqual({
      group: null,
      queue: {
        id: 'orders',
        arn: 'arn:aws:sqs:us-east-1:123456789012:orders',
        tags: { selfheal: 'on', 'selfheal:consumer': 'group/shop' },
        fifo: false,
        ownKey: false,
        messages: 0,
        consumer: 'group/shop',
        sources: [{ id: 'source', tags: { team: 'shop' }, waiting: 1, maxReceives: 4, visibilitySeconds: 90 }],
        moves: [],
      },
    });
    expect(await look({})).toMatchObject({ queue: { consumer: null, sources: null } });
    expect(await look({}, 'none')).toEqual({ queue: null });
    expect(await look({}, 'broker', alarmOn('AWS/AmazonMQ', { type: 'queue', id: 'broker' }))).toEqual({});
  });

  test("tells its age by the world's clock, not by the machine's", async () => {
    await world.place(about);
    expect((await world.look(about)).line).toContain('created 2026-11-19 12:00 UTC, 1 d ago');
  });

  test("is at SQS's queues alone", () => {
    expect(sqsQueue.is(about)).toBe(true);
    expect(sqsQueue.is(alarmOn('AWS/AmazonMQ', { type: 'queue', id: 'broker' }))).toBe(false);
    expect(sqsQueue.trailName({ ...about, region: 'cn-north-1', partition: 'aws-cn' })).toBe(
      'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders',
    );
  });
});
