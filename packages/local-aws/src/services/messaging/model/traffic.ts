import { sqsParameters } from '../../../core/model-parameters.ts';
import type { QueueConsumer, Queues, QueueWork, QueueWorkers } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { digest } from './astral.ts';
import type { Fauxqs, Message, OnChange, Queue } from './fauxqs.ts';
import { redrivePolicyOf } from './redrive-policy.ts';

type Poison = { lasts: boolean };
type Producer = { perSecond: number; share: number; all: Meter; bad: Meter };
type Consumer = QueueConsumer & { capacity: Meter; failing: Meter };
type Traffic = {
  consumers: Set<Consumer>;
  producers: Set<Producer>;
  /** Shares of what is taken that fail, and of what could be taken that is. */
  failing: Set<{ share: number }>;
  slow: Set<{ share: number }>;
  sent: number;
  /** Since they last acted. */
  seconds: number;
  stop: () => void;
};

/** Turns what flows steadily into whole messages, so that none is lost by rounding. */
class Meter {
  #left = 0;
  whole(amount: number): number {
    this.#left += amount;
    const count = Math.floor(this.#left + 1e-9);
    this.#left -= count;
    return count;
  }
}

const bodies = { good: '{"order":"fine"}', bad: '{"order":"poison"}' };
const digests = { good: digest(bodies.good), bad: digest(bodies.bad) };
const every = sqsParameters.trafficEverySeconds;

/**
 * What sends messages to queues and works on them, inside the world: by its clock, and in the store that callers see. Producers and
 * consumers act every few seconds. What is sent and processed between two of them is only counted; all other messages are really there.
 * A message that a consumer fails at becomes visible again after the queue's visibility timeout.
 */
export const createTraffic = (world: World, fauxqs: () => Fauxqs | undefined, changed: OnChange) => {
  const { clock } = world;
  const workers: QueueWorkers = { group: () => undefined, service: () => undefined, function: () => undefined };
  const flows = new Map<string, Traffic>();
  let handles = 0;

  const queueOf = (name: string): Queue => {
    const queue = fauxqs()?.queue(name);
    if (!queue) throw new RangeError(`no queue is called ${name}`);
    return queue;
  };

  const message = (queue: Queue, kind: keyof typeof bodies, poison: Poison | undefined, number: number): Message => ({
    messageId: fauxqs()?.messageId() ?? '',
    body: bodies[kind],
    md5OfBody: digests[kind],
    messageAttributes: {},
    md5OfMessageAttributes: '',
    sentTimestamp: clock.now(),
    approximateReceiveCount: 0,
    ...(poison && { poison }),
    ...(queue.isFifo() && {
      messageGroupId: `customer-${number % 10}`,
      messageDeduplicationId: `order-${number}`,
      sequenceNumber: queue.nextSequenceNumber(),
    }),
  });

  const put = (queue: Queue, count: number, kind: keyof typeof bodies, poison?: Poison): void => {
    const flow = flows.get(queue.name);
    for (let i = 0; i < count; i++) queue.put(message(queue, kind, poison, flow ? flow.sent++ : i));
    changed(queue, { sent: count });
  };

  /** Out of sight until the visibility timeout is over. */
  const fail = (queue: Queue, failed: Message): void => {
    const receiptHandle = `world-${handles++}`;
    const visibilityDeadline = clock.now() + Number(queue.attributes.VisibilityTimeout) * 1000;
    queue.inflightMessages.set(receiptHandle, { message: failed, receiptHandle, visibilityDeadline });
  };

  const receiveOnce = (received: Message): void => {
    received.approximateReceiveCount++;
    received.approximateFirstReceiveTimestamp ??= clock.now();
  };

  /** Receives up to so many messages of a standard queue; those that were received too often go to the dead-letter queue. */
  const receive = (queue: Queue, most: number): Message[] => {
    const policy = redrivePolicyOf(queue.attributes.RedrivePolicy);
    const deadLetters = policy && fauxqs()?.queue(policy.deadLetterTargetArn.split(':')[5] ?? '');
    const received: Message[] = [];
    let looked = 0;
    while (received.length < most && looked < queue.messages.length) {
      const next = queue.messages[looked++] as Message;
      receiveOnce(next);
      if (deadLetters && next.approximateReceiveCount > policy.maxReceiveCount) fauxqs()?.bury(next, queue, deadLetters);
      else received.push(next);
    }
    queue.messages.splice(0, looked);
    return received;
  };

  /** How many of so many messages fail that could be processed. */
  const failuresOf = (flow: Traffic, consumer: Consumer, count: number): number => {
    const share = Math.max(0, ...[...flow.failing].map((one) => one.share));
    const failed = consumer.failing.whole(count * share);
    const { on } = consumer;
    return on && 'function' in on ? Math.max(failed, workers.function(on.function, count) ?? count) : failed;
  };

  const capacityOf = (flow: Traffic, { rate, on, capacity }: Consumer, seconds: number): number => {
    let members = 1;
    if (on && 'group' in on) members = workers.group(on.group) ?? 0;
    else if (on && 'service' in on) members = workers.service(on.service) ?? 0;
    else if (on && workers.function(on.function, 0) === undefined) members = 0;
    return capacity.whole([...flow.slow].reduce((product, { share }) => product * share, rate * members * seconds));
  };

  const workOnFifo = (queue: Queue, flow: Traffic, consumer: Consumer, most: number): void => {
    let left = most;
    while (left > 0) {
      const resolve = (arn: string) => fauxqs()?.queue(arn.split(':')[5] ?? '') as never;
      const received = queue.dequeue(Math.min(10, left), undefined, resolve);
      if (received.length === 0) return;
      left -= received.length;
      const isPoison = (handle: string) => (queue.inflightMessages.get(handle)?.message as Message | undefined)?.poison?.lasts === true;
      const good = received.filter(({ ReceiptHandle }) => !isPoison(ReceiptHandle));
      for (const { ReceiptHandle } of good.slice(failuresOf(flow, consumer, good.length))) queue.deleteMessage(ReceiptHandle);
    }
  };

  /** One consumer's share of the work; how many of the messages that arrive just now it has processed. */
  const work = (queue: Queue, flow: Traffic, consumer: Consumer, { arriving, seconds }: { arriving: number; seconds: number }): number => {
    const capacity = capacityOf(flow, consumer, seconds);
    if (queue.isFifo()) {
      workOnFifo(queue, flow, consumer, capacity);
      return 0;
    }
    const received = receive(queue, capacity);
    const poisoned = received.filter(({ poison }) => poison?.lasts);
    const good = received.filter(({ poison }) => !poison?.lasts);
    const fresh = Math.min(arriving, capacity - received.length);
    const failures = good.length + fresh === 0 ? 0 : failuresOf(flow, consumer, good.length + fresh);
    const old = Math.min(failures, good.length);
    for (const failed of [...poisoned, ...good.slice(0, old)]) fail(queue, failed);
    for (let i = old; i < failures; i++) {
      const failed = { ...message(queue, 'good', undefined, flow.sent++), entered: clock.now() };
      receiveOnce(failed);
      fail(queue, failed);
    }
    changed(queue, { sent: fresh, received: received.length + fresh, deleted: good.length + fresh - failures });
    return fresh;
  };

  const act = (name: string, flow: Traffic): void => {
    const queue = fauxqs()?.queue(name);
    if (!queue) return;
    flow.seconds += every;
    if (queue.messages.length > sqsParameters.longBacklog && flow.seconds < sqsParameters.longBacklogEverySeconds) return;
    const { seconds } = flow;
    flow.seconds = 0;
    queue.processTimers();
    let arriving = 0;
    let poisoned = 0;
    for (const { perSecond, share, all, bad } of flow.producers) {
      const count = all.whole(perSecond * seconds);
      const spoilt = bad.whole(count * share);
      arriving += count - spoilt;
      poisoned += spoilt;
    }
    for (const consumer of flow.consumers) arriving -= work(queue, flow, consumer, { arriving, seconds });
    put(queue, arriving, 'good');
    put(queue, poisoned, 'bad', { lasts: true });
  };

  /** Adds something to a queue's traffic until it is ended; the clock is used only while there is any. */
  const join = <Kind extends 'consumers' | 'producers' | 'failing' | 'slow'>(
    name: string,
    kind: Kind,
    one: Traffic[Kind] extends Set<infer One> ? One : never,
  ): (() => void) => {
    queueOf(name);
    let flow = flows.get(name);
    if (!flow) {
      const created: Traffic = {
        consumers: new Set(),
        producers: new Set(),
        failing: new Set(),
        slow: new Set(),
        sent: 0,
        seconds: 0,
        stop: () => {},
      };
      created.stop = clock.every(every * 1000, () => act(name, created));
      flows.set(name, created);
      flow = created;
    }
    const { [kind]: set, ...rest } = flow;
    (set as Set<unknown>).add(one);
    return () => {
      (set as Set<unknown>).delete(one);
      if (set.size > 0 || [rest].some((others) => Object.values(others).some((other) => other instanceof Set && other.size > 0))) return;
      flow.stop();
      flows.delete(name);
    };
  };

  const mustHaveConsumer = (name: string): void => {
    queueOf(name);
    if (!flows.get(name)?.consumers.size) throw new RangeError(`nothing consumes the queue ${name}`);
  };

  return {
    workOn: (name: string): Pick<QueueWork, 'functions' | 'members' | 'failing'> => {
      const { consumers, failing } = flows.get(name) ?? {};
      const runsOn = [...(consumers ?? [])].flatMap(({ on }) => (on ? [on] : []));
      return {
        functions: runsOn.flatMap((on) => ('function' in on ? [on.function] : [])),
        members: runsOn.flatMap((on) => ('group' in on ? [on.group] : 'service' in on ? [on.service] : [])),
        failing: Math.max(0, ...[...(failing ?? [])].map(({ share }) => share)),
      };
    },
    employ: (more: Partial<QueueWorkers>): void => void Object.assign(workers, more),
    consume: (name, consumer) => join(name, 'consumers', { ...consumer, capacity: new Meter(), failing: new Meter() }),
    send: (name, { perSecond, poison: share }) => join(name, 'producers', { perSecond, share, all: new Meter(), bad: new Meter() }),
    poison: (name, count) => {
      const poison = { lasts: true };
      put(queueOf(name), count, 'bad', poison);
      return () => {
        poison.lasts = false;
      };
    },
    failConsumers: (name, share) => {
      mustHaveConsumer(name);
      return join(name, 'failing', { share });
    },
    slowConsumers: (name, share) => {
      mustHaveConsumer(name);
      return join(name, 'slow', { share });
    },
  } satisfies Partial<Queues> & { workOn: unknown };
};
