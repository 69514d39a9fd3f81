import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../src/local-aws.ts';
import type { Invocation } from '../src/services/lambda/model/hooks.ts';
import { localClients, worldOptions } from './harness.ts';

let open: LocalAws | undefined;
afterEach(() => open?.close());

const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:123456789012:${resource}`;

const setUp = async () => {
  const invocations: Invocation[] = [];
  const notes: string[] = [];
  const onInvoke = (invocation: Invocation) => {
    invocations.push(invocation);
    return invocation.functionName === 'intake' ? {} : undefined;
  };
  const aws = createLocalAws({ ...worldOptions, onInvoke });
  open = aws;
  aws.world.subscribe((worldEvent) => {
    if (worldEvent.type === 'note') notes.push(worldEvent.text);
  });
  const { sns, sqs, eventBridge } = localClients(aws.handle);
  await sns.send(new CreateTopicCommand({ Name: 'alarms' }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'intake' }));
  const received = async () =>
    ((await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages ?? []).map(
      ({ Body = '' }) => JSON.parse(Body) as unknown,
    );
  const rule = async (...targets: string[]) => {
    await eventBridge.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["aws.ec2"]}' }));
    await eventBridge.send(new PutTargetsCommand({ Rule: 'all', Targets: targets.map((Arn, i) => ({ Id: String(i), Arn })) }));
  };
  const event = (source: string) => aws.world.putEvent({ source, detailType: 'Test', resources: [], detail: { a: 1 } });
  return { aws, invocations, notes, sns, received, rule, event };
};

describe('what the world delivers', () => {
  test('goes from a topic to its queue and to its function', async () => {
    const { aws, sns, received, invocations } = await setUp();
    for (const [Protocol, Endpoint] of [
      ['sqs', arn('sqs', 'intake')],
      ['lambda', arn('lambda', 'function:intake')],
    ]) {
      await sns.send(new SubscribeCommand({ TopicArn: arn('sns', 'alarms'), Protocol, Endpoint }));
    }
    aws.world.deliver({ to: 'sns', topicArn: arn('sns', 'alarms'), subject: 'S', message: 'M' });
    await aws.advanceTo(aws.world.clock.now() + 1000);
    expect(await received()).toMatchObject([{ Type: 'Notification', Subject: 'S', Message: 'M', TopicArn: arn('sns', 'alarms') }]);
    expect(invocations).toMatchObject([
      { functionName: 'intake', type: 'Event', payload: { Records: [{ Sns: { Subject: 'S', Message: 'M' } }] } },
    ]);
  });

  test('goes from the bus to the targets of the rules that match, and nowhere else', async () => {
    const { aws, received, invocations, rule, event } = await setUp();
    await rule(arn('sqs', 'intake'), arn('lambda', 'function:intake'));
    event('aws.ec2');
    event('aws.rds');
    await aws.dispatch();
    expect(await received()).toMatchObject([{ source: 'aws.ec2', 'detail-type': 'Test', detail: { a: 1 } }]);
    expect(invocations).toMatchObject([{ functionName: 'intake', payload: { source: 'aws.ec2' } }]);
  });

  test('goes straight to a function', async () => {
    const { aws, invocations } = await setUp();
    aws.world.deliver({ to: 'lambda', functionArn: arn('lambda', 'function:intake:live'), payload: { source: 'aws.cloudwatch' } });
    await aws.dispatch();
    expect(invocations).toMatchObject([{ functionName: 'intake', qualifier: 'live', payload: { source: 'aws.cloudwatch' } }]);
  });

  test('is dropped with a note where its topic, queue or function does not exist', async () => {
    const { aws, notes, rule, event } = await setUp();
    await rule(arn('sqs', 'none'), arn('states', 'stateMachine:x'));
    event('aws.ec2');
    aws.world.deliver({ to: 'sns', topicArn: arn('sns', 'none'), subject: 'S', message: 'M' });
    aws.world.deliver({ to: 'lambda', functionArn: arn('lambda', 'function:none'), payload: {} });
    aws.world.deliver({ to: 'lambda', functionArn: 'no name', payload: {} });
    expect(await aws.dispatch()).toBe(4);
    expect(notes).toHaveLength(5);
    for (const text of ['no such queue', 'not served', 'no such topic', 'no such function', 'failed']) expect(notes.join()).toContain(text);
  });

  test('goes out at the simulated moment at which it comes up', async () => {
    const { aws, invocations } = await setUp();
    const times: number[] = [];
    aws.world.clock.after(60_000, () => aws.world.deliver({ to: 'lambda', functionArn: arn('lambda', 'function:intake'), payload: {} }));
    aws.world.clock.after(61_000, () => times.push(invocations.length));
    await aws.advanceTo(aws.world.clock.now() + 3_600_000);
    expect(times).toEqual([1]);
  });
});
