import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createLocalAws, inProcess } from '#local-aws';
import { createClients } from '../../shared/aws/clients.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { describeQueue } from '../../shared/resources/sqs-queue.ts';
import { facts, incident, noon, policy } from '../remediation/examples.ts';

export const redrivePolicy = policy({ redrive: {}, consumers: { queues: { orders: 'group/shop' } } });

/** A dead-letter queue with so many messages, its source, and what consumes that, in an embedded AWS; `poison`: they die again; `idle`: no more come. */
export const createDeadLetters = async ({ count = 40, poison = false, visibility = 5, idle = false, began = noon - 1_800_000 } = {}) => {
  const account = { account: '123456789012', region: 'us-east-1' };
  const aws = createLocalAws({ seed: 5, start: began, ...account, throttle: 'off' });
  const { clock } = aws.world;
  const clients = createClients({
    region: account.region,
    endpoint: 'http://local',
    credentials: { accessKeyId: 'selfheal', secretAccessKey: 's' },
    requestHandler: inProcess(aws.handle),
    maxAttempts: 1,
  });
  const sqs = clients.of(SQSClient);
  const tags = { selfheal: 'on' };
  await sqs.send(new CreateQueueCommand({ QueueName: 'dead', tags }));
  const Attributes = {
    VisibilityTimeout: String(visibility),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: aws.world.arn('sqs', 'dead'), maxReceiveCount: 2 }),
  };
  await sqs.send(new CreateQueueCommand({ QueueName: 'orders', Attributes, tags }));
  aws.queues.consume('orders', { rate: 50 });
  const end = aws.queues.send('orders', { perSecond: 1, poison: 0 });
  const pass = (seconds: number) => clock.advanceTo(clock.now() + seconds * 1000);
  const heal = count > 0 ? aws.queues.poison('orders', count) : () => {};
  pass(60);
  if (!poison) heal();
  if (idle) end();
  clock.advanceTo(noon);
  const about = incident({
    failure: 'queue-backlog',
    resource: { type: 'queue', id: 'dead' },
    at: noon - 1_200_000,
    evidence: { namespace: 'AWS/SQS' },
  });
  const look = async (): Promise<ResourceSnapshot> => {
    const input = { incident: about, now: clock.now(), known: undefined, policy: redrivePolicy };
    return { ...facts({ instance: null, status: null }), ...(await describeQueue(clients, input)) };
  };
  const sizes = () => Object.fromEntries(aws.queues.list().map(({ name, visible, notVisible }) => [name, visible + notVisible]));
  const callsOf = (operation: string) => aws.world.calls.filter((call) => call.operation === operation);
  return { aws, clients, sqs, clock, pass, heal, about, look, sizes, callsOf, target: { type: 'queue', id: 'dead' } as const };
};
export type DeadLetters = Awaited<ReturnType<typeof createDeadLetters>>;
