import type { buildApp } from 'fauxqs';
import type { World } from '../../../core/world.ts';
import { digest } from './astral.ts';

type App = ReturnType<typeof buildApp>;
type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type SqsStore = Stores['sqsStore'];
type SnsStore = Stores['snsStore'];
type TheirQueue = ReturnType<SqsStore['createQueue']>;
export type Message = Parameters<TheirQueue['enqueue']>[0] & {
  /** When it came to the queue that it is in. */
  entered?: number;
  /** The name of the queue out of which it came to a dead-letter queue. */
  from?: string;
  /** No consumer can process it while this lasts. */
  poison?: { lasts: boolean };
};
export type Queue = Omit<TheirQueue, 'messages' | 'fifoMessages'> & {
  messages: Message[];
  fifoMessages: Map<string, Message[]>;
  /** Adds a message that nobody has sent: one that moves, or that comes out of the world. */
  put(message: Message): void;
};
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

/** Protocols whose endpoint is asked first. No mail is sent here, and no request made, so it stays so. */
const asksFirst: readonly string[] = ['email', 'email-json', 'http', 'https'];

/** What is counted of queues. */
export type Tally = { sent: number; received: number; deleted: number };
/** Told of a queue in which something may have changed. */
export type OnChange = (queue: Queue, counted?: Partial<Tally>) => void;

export type Fauxqs = {
  app: App;
  queue(name: string): Queue | undefined;
  /** Moves a message that was received too often to a dead-letter queue. */
  bury(message: Message, from: Queue, into: Queue): void;
  messageId(): string;
  /** A topic's policy as it was written, in the account that fauxqs knows. */
  policyOf(topicArn: string): string | undefined;
  /** The account that a subscription is of, where that isn't the topic's own. */
  subscriberOf(subscriptionArn: string): string | undefined;
  /** Subscribes something to a topic for another account, and says by which ARN; undefined where there is no such topic. */
  subscribe(account: string, topicArn: string, protocol: string, endpoint: string, attributes?: Record<string, string>): string | undefined;
  /** An answer's message ids as the world draws them. */
  answered(xml: string): string;
};

/**
 * fauxqs on the world's clock and with ids of the world's: it would take both from the machine, so that no two runs were alike. Only how
 * long a long poll waits is real time.
 */
export const createFauxqs = async (
  world: Pick<World, 'clock' | 'random' | 'region'>,
  onChange: OnChange,
  accountOf: (endpoint: string) => string | undefined = () => undefined,
): Promise<Fauxqs> => {
  const { buildApp } = await import('fauxqs');
  const sqs = (await inside('sqs/sqsStore.js')) as { SqsStore: new () => SqsStore };
  const sns = (await inside('sns/snsStore.js')) as { SnsStore: new () => SnsStore };
  const { SnsError } = (await inside('common/errors.js')) as { SnsError: new (code: string, message: string, status: number) => Error };
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

  /**
   * A message of a standard queue stays what it was; one of a FIFO queue gets a new timestamp, and its id as the id to recognise it by.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
   */
  const bury = (message: Message, from: Queue, into: Queue): void => {
    message.from = from.name;
    if (into.isFifo()) {
      message.sentTimestamp = clock.now();
      message.messageDeduplicationId = message.messageId;
      message.sequenceNumber = into.nextSequenceNumber();
    }
    into.put(message);
  };

  const tame = (theirs: TheirQueue): TheirQueue => {
    const { enqueue, dequeue, deleteMessage, recordDeduplication, getAllAttributes } = theirs;
    const put = (message: Message): void => {
      sent.add(message);
      message.entered = clock.now();
      onOurClock(() => enqueue.call(theirs, message));
      onChange(queue);
    };
    const queue: Queue = Object.assign(theirs, { put });
    queue.nextSequenceNumber = queue.nextSequenceNumber.bind(queue);
    queue.enqueue = (message) => {
      if (!sent.has(message)) asOurs(message);
      queue.put(message);
      onChange(queue, { sent: 1 });
    };
    queue.dequeue = (count, visibility, resolve) => {
      const deadLetters = (arn: string) => {
        const into = resolve?.(arn) as Queue | undefined;
        return into && Object.assign(Object.create(into) as TheirQueue, { enqueue: (message: Message) => bury(message, queue, into) });
      };
      const received = dequeue.call(theirs, count, visibility, deadLetters);
      onChange(queue, { received: received.length });
      return received.map((one) => {
        const entry = queue.inflightMessages.get(one.ReceiptHandle);
        if (!entry) return one;
        queue.inflightMessages.delete(entry.receiptHandle);
        entry.receiptHandle = ids.uuid();
        queue.inflightMessages.set(entry.receiptHandle, entry);
        return { ...one, ReceiptHandle: entry.receiptHandle };
      });
    };
    queue.deleteMessage = (handle) => {
      const deleted = deleteMessage.call(theirs, handle);
      onChange(queue, { deleted: deleted ? 1 : 0 });
      return deleted;
    };
    queue.recordDeduplication = (id, messageId, number) => recordDeduplication.call(theirs, id, nameOf(messageId), number);
    queue.getAllAttributes = (requested) => {
      queue.processTimers();
      return getAllAttributes.call(theirs, requested);
    };
    for (const method of timed) {
      const untimed = queue[method] as (...args: unknown[]) => unknown;
      Object.assign(queue, { [method]: (...args: unknown[]) => onOurClock(() => untimed.apply(queue, args)) });
    }
    onChange(queue);
    return theirs;
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
    override createQueue(...args: Parameters<SqsStore['createQueue']>): TheirQueue {
      return tame(onOurClock(() => super.createQueue(...args)));
    }
    /** Topics ask for queues in this way, to put something into them. */
    override getQueueByArn(arn: string): TheirQueue | undefined {
      const queue = super.getQueueByArn(arn);
      const subscription = served;
      served = undefined;
      if (!queue || subscription?.endpoint !== arn || subscription.attributes.RawMessageDelivery === 'true') return queue;
      const enqueue = (message: Message) => {
        if (!sent.has(message)) wrapped(message);
        queue.enqueue(message);
      };
      return Object.assign(Object.create(queue) as TheirQueue, { enqueue });
    }
  }

  /** What nobody has confirmed yet has no ARN that anybody is told. https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
  const told = (subscription: Subscription, pending: string): Subscription =>
    subscription.confirmed ? subscription : { ...subscription, arn: pending };
  const listed = ({ subscriptions, ...rest }: ReturnType<SnsStore['listSubscriptions']>) => ({
    subscriptions: subscriptions.map((one) => told(one, 'PendingConfirmation')),
    ...rest,
  });

  /** The accounts of those who have subscribed from outside, by the subscriptions' ARNs, and of whoever is about to. */
  const subscribers = new Map<string, string>();
  let subscribing: string | undefined;

  class Topics extends sns.SnsStore {
    override getSubscription(arn: string): Subscription | undefined {
      served = super.getSubscription(arn);
      return served;
    }
    override subscribe(...args: Parameters<SnsStore['subscribe']>): Subscription | undefined {
      const before = this.subscriptions.size;
      const subscription = super.subscribe(...args);
      if (!subscription || this.subscriptions.size === before) return subscription && told(subscription, 'pending confirmation');
      const { arn: theirs, topicArn, protocol } = subscription;
      // Whoever owns the endpoint has nothing to confirm: https://docs.aws.amazon.com/sns/latest/dg/sns-send-message-to-sqs-cross-account.html
      const owner = /^(?:lambda|sqs)$/.test(protocol) ? accountOf(subscription.endpoint) : undefined;
      subscription.confirmed = !asksFirst.includes(protocol) && owner === subscribing;
      this.subscriptions.delete(theirs);
      subscription.arn = theirs.replace(/[^:]+$/, ids.uuid());
      this.subscriptions.set(subscription.arn, subscription);
      if (subscribing !== undefined) subscribers.set(subscription.arn, subscribing);
      this.getTopic(topicArn)?.subscriptionArns.splice(-1, 1, subscription.arn);
      return told(subscription, 'pending confirmation');
    }
    override listSubscriptions(...args: Parameters<SnsStore['listSubscriptions']>): ReturnType<SnsStore['listSubscriptions']> {
      return listed(super.listSubscriptions(...args));
    }
    override listSubscriptionsByTopic(
      ...args: Parameters<SnsStore['listSubscriptionsByTopic']>
    ): ReturnType<SnsStore['listSubscriptions']> {
      if (!this.getTopic(args[0])) throw new SnsError('NotFound', 'Topic does not exist', 404);
      return listed(super.listSubscriptionsByTopic(...args));
    }
  }

  const stores = { sqsStore: new Queues(), snsStore: new Topics() } as Stores;
  return {
    app: buildApp({ logger: false, defaultRegion: world.region, stores }),
    queue: (name) => stores.sqsStore.getQueueByName(name) as Queue | undefined,
    bury,
    policyOf: (arn) => stores.snsStore.getTopic(arn)?.attributes.Policy,
    subscriberOf: (arn) => subscribers.get(arn),
    subscribe: (account, ...subscription) => {
      subscribing = account;
      try {
        return stores.snsStore.subscribe(...subscription)?.arn;
      } finally {
        subscribing = undefined;
      }
    },
    messageId: () => ids.uuid(),
    answered: (xml) =>
      xml.replace(/<MessageId>([^<]*)<\/MessageId>/g, (_element, theirs: string) => {
        const ours = nameOf(theirs);
        names.delete(theirs);
        return `<MessageId>${ours}</MessageId>`;
      }),
  };
};
