import type { buildApp } from 'fauxqs';
import type { World } from '../../../core/world.ts';
import { digest } from './astral.ts';

type App = ReturnType<typeof buildApp>;
type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type SqsStore = Stores['sqsStore'];
type SnsStore = Stores['snsStore'];
type Queue = ReturnType<SqsStore['createQueue']>;
type Message = Parameters<Queue['enqueue']>[0];
type Subscription = NonNullable<ReturnType<SnsStore['getSubscription']>>;

/** Its stores, which the package doesn't export. */
const inside = (path: string): Promise<unknown> => import(new URL(path, import.meta.resolve('fauxqs')).href);

/** What in a queue reads the machine's clock. All of it is done when it returns. */
const timed = [
  'enqueue',
  'dequeue',
  'changeVisibility',
  'processTimers',
  'setAttributes',
  'checkDeduplication',
  'recordDeduplication',
] as const;

export type Fauxqs = {
  app: App;
  /** An answer's message ids as the world draws them. */
  answered(xml: string): string;
};

/**
 * fauxqs on the world's clock and with ids of the world's: it would take both from the machine, so that no two runs were alike. Only how
 * long a long poll waits is real time.
 */
export const createFauxqs = async (world: Pick<World, 'clock' | 'random' | 'region'>): Promise<Fauxqs> => {
  const { buildApp } = await import('fauxqs');
  const sqs = (await inside('sqs/sqsStore.js')) as { SqsStore: new () => SqsStore };
  const sns = (await inside('sns/snsStore.js')) as { SnsStore: new () => SnsStore };
  const ids = world.random.fork('messaging');
  const { clock } = world;

  /** Nothing else runs meanwhile, so nothing else sees it. */
  const onOurClock = <T>(run: () => T): T => {
    const machines = Date.now;
    Date.now = clock.now;
    try {
      return run();
    } finally {
      Date.now = machines;
    }
  };

  /** Names that have been given to messages on their way. */
  const names = new Map<string, string>();
  const nameOf = (theirs: string): string => {
    const ours = names.get(theirs) ?? ids.uuid();
    names.set(theirs, ours);
    return ours;
  };

  const sent = new WeakSet<Message>();
  const asOurs = (message: Message): void => {
    sent.add(message);
    const { messageId, sentTimestamp, delayUntil } = message;
    message.messageId = nameOf(messageId);
    names.delete(messageId);
    message.sentTimestamp = clock.now();
    if (delayUntil) message.delayUntil = clock.now() + delayUntil - sentTimestamp;
  };

  const tame = (queue: Queue): Queue => {
    const { enqueue, dequeue, recordDeduplication, getAllAttributes } = queue;
    queue.nextSequenceNumber = queue.nextSequenceNumber.bind(queue);
    queue.enqueue = (message) => {
      // What goes to a dead-letter queue stays what it was.
      if (!sent.has(message)) asOurs(message);
      enqueue.call(queue, message);
    };
    queue.dequeue = (...args) =>
      dequeue.apply(queue, args).map((received) => {
        const entry = queue.inflightMessages.get(received.ReceiptHandle);
        if (!entry) return received;
        queue.inflightMessages.delete(entry.receiptHandle);
        entry.receiptHandle = ids.uuid();
        queue.inflightMessages.set(entry.receiptHandle, entry);
        return { ...received, ReceiptHandle: entry.receiptHandle };
      });
    queue.recordDeduplication = (id, messageId, number) => recordDeduplication.call(queue, id, nameOf(messageId), number);
    queue.getAllAttributes = (requested) => {
      queue.processTimers();
      return getAllAttributes.call(queue, requested);
    };
    for (const method of timed) {
      const untimed = queue[method] as (...args: unknown[]) => unknown;
      Object.assign(queue, { [method]: (...args: unknown[]) => onOurClock(() => untimed.apply(queue, args)) });
    }
    return queue;
  };

  /** The subscription that a topic is about to serve: it asks for the queue next. */
  let served: Subscription | undefined;
  const wrapped = (message: Message): void => {
    const envelope = JSON.parse(message.body) as { MessageId: string };
    const Timestamp = new Date(clock.now()).toISOString();
    message.body = JSON.stringify({ ...envelope, MessageId: nameOf(envelope.MessageId), Timestamp });
    message.md5OfBody = digest(message.body);
  };

  class Queues extends sqs.SqsStore {
    override createQueue(...args: Parameters<SqsStore['createQueue']>): Queue {
      return tame(onOurClock(() => super.createQueue(...args)));
    }
    /** Topics ask for queues in this way, to put something into them. */
    override getQueueByArn(arn: string): Queue | undefined {
      const queue = super.getQueueByArn(arn);
      const subscription = served;
      served = undefined;
      if (!queue || subscription?.endpoint !== arn || subscription.attributes.RawMessageDelivery === 'true') return queue;
      const enqueue = (message: Message) => {
        if (!sent.has(message)) wrapped(message);
        queue.enqueue(message);
      };
      return Object.assign(Object.create(queue) as Queue, { enqueue });
    }
  }

  class Topics extends sns.SnsStore {
    override getSubscription(arn: string): Subscription | undefined {
      served = super.getSubscription(arn);
      return served;
    }
    override subscribe(...args: Parameters<SnsStore['subscribe']>): Subscription | undefined {
      const before = this.subscriptions.size;
      const subscription = super.subscribe(...args);
      if (!subscription || this.subscriptions.size === before) return subscription;
      const { arn: theirs, topicArn } = subscription;
      this.subscriptions.delete(theirs);
      subscription.arn = theirs.replace(/[^:]+$/, ids.uuid());
      this.subscriptions.set(subscription.arn, subscription);
      this.getTopic(topicArn)?.subscriptionArns.splice(-1, 1, subscription.arn);
      return subscription;
    }
  }

  const stores = { sqsStore: new Queues(), snsStore: new Topics() } as Stores;
  return {
    app: buildApp({ logger: false, defaultRegion: world.region, stores }),
    answered: (xml) =>
      xml.replace(/<MessageId>([^<]*)<\/MessageId>/g, (_element, theirs: string) => {
        const ours = nameOf(theirs);
        names.delete(theirs);
        return `<MessageId>${ours}</MessageId>`;
      }),
  };
};
