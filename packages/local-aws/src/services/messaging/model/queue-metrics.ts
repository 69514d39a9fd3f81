import type { MetricSource, QueueView, ServedMetric } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { Timeline } from '../../ec2/model/timeline.ts';
import type { Message, OnChange, Queue, Tally } from './fauxqs.ts';

const minute = 60_000;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html */
const active = 6 * 60 * minute;
/** A message that was received so often no longer counts for the age: the page on the metrics. */
const repeatedly = 3;

/** So many of the messages that wait are looked at for the age, which is approximate: those that have waited longest come first. */
const looked = 1000;

type Counts = Tally & { empty: number };
/** A queue at the end of a minute; what is counted is counted since the queue was created. */
type Sample = Counts & Omit<QueueView, 'name'> & { oldest: number | null };
type Log = { queue: Queue; counts: Counts; samples: Timeline<Sample | null>; due: boolean };

/** What was counted in a minute, and what is so at its end. */
const flows = {
  NumberOfMessagesSent: 'sent',
  NumberOfMessagesReceived: 'received',
  NumberOfMessagesDeleted: 'deleted',
  NumberOfEmptyReceives: 'empty',
} as const satisfies Record<string, keyof Counts>;
const levels: Readonly<Record<string, (sample: Sample, at: number) => number>> = {
  ApproximateNumberOfMessagesVisible: ({ visible }) => visible,
  ApproximateNumberOfMessagesNotVisible: ({ notVisible }) => notVisible,
  ApproximateNumberOfMessagesDelayed: ({ delayed }) => delayed,
  ApproximateAgeOfOldestMessage: ({ oldest }, at) => (oldest === null ? 0 : Math.floor((at - oldest) / 1000)),
};
const isFlow = (metric: string): metric is keyof typeof flows => Object.hasOwn(flows, metric);

const sizeOf = (groups: ReadonlyMap<string, readonly unknown[]>): number =>
  [...groups.values()].reduce((sum, { length }) => sum + length, 0);
export const visibleIn = (queue: Queue): number => (queue.isFifo() ? sizeOf(queue.fifoMessages) : queue.messages.length);

/** What is in a queue now. */
export const viewOf = (queue: Queue): QueueView => {
  queue.processTimers();
  return {
    name: queue.name,
    visible: visibleIn(queue),
    notVisible: queue.inflightMessages.size,
    delayed: queue.isFifo() ? sizeOf(queue.fifoDelayed) : queue.delayedMessages.length,
  };
};

const oldestIn = (queue: Queue): number | null => {
  const fifo = queue.isFifo();
  let oldest = Number.POSITIVE_INFINITY;
  const see = ({ entered = oldest, approximateReceiveCount }: Message) => {
    if (entered < oldest && (fifo || approximateReceiveCount < repeatedly)) oldest = entered;
  };
  for (let i = 0; i < Math.min(queue.messages.length, looked); i++) see(queue.messages[i] as Message);
  for (const group of queue.fifoMessages.values()) for (const message of group) see(message);
  for (const { message } of queue.inflightMessages.values()) see(message);
  return Number.isFinite(oldest) ? oldest : null;
};

/**
 * The metrics of queues, each minute while a queue is active. A queue is looked at at the end of a minute in which something has happened
 * to it, or in which something may become visible: one at rest costs nothing. What a dead-letter queue gets from its sources isn't counted
 * as sent. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export const createQueueMetrics = ({ clock }: Pick<World, 'clock'>) => {
  const logs = new Map<string, Log>();

  const wake = (log: Log): void => {
    if (log.due) return;
    log.due = true;
    clock.at(Math.floor(clock.now() / minute + 1) * minute, () => {
      log.due = false;
      if (log.samples.now === null) return;
      const { queue, counts, samples } = log;
      const view = viewOf(queue);
      samples.set(clock.now(), { ...counts, ...view, oldest: oldestIn(queue) });
      if (view.notVisible + view.delayed > 0) wake(log);
    });
  };

  const logOf = (queue: Queue): Log => {
    const known = logs.get(queue.name);
    if (known?.queue === queue) return known;
    const counts = { sent: 0, received: 0, deleted: 0, empty: 0 };
    const first: Sample = { ...counts, visible: 0, notVisible: 0, delayed: 0, oldest: null };
    const log = { queue, counts, samples: new Timeline<Sample | null>(clock.now(), first), due: false };
    logs.set(queue.name, log);
    return log;
  };

  const changed: OnChange = (queue, counted = {}) => {
    const log = logOf(queue);
    for (const [name, count] of Object.entries(counted) as [keyof Tally, number][]) log.counts[name] += count;
    wake(log);
  };

  const source: MetricSource = (metric, { QueueName, ...others }, at) => {
    const log = logs.get(QueueName ?? '');
    const sample = log?.samples.at(at);
    if (!log || !sample || Object.keys(others).length > 0) return undefined;
    const { visible, notVisible, delayed } = sample;
    if (visible + notVisible + delayed === 0 && at - (log.samples.since(at) ?? 0) > active) return undefined;
    if (isFlow(metric)) return sample[flows[metric]] - (log.samples.at(at - minute)?.[flows[metric]] ?? 0);
    return Object.hasOwn(levels, metric) ? levels[metric]?.(sample, at) : undefined;
  };

  return {
    changed,
    source,
    emptyReceive: (queue: Queue): void => {
      logOf(queue).counts.empty++;
      changed(queue);
    },
    removed: (queue: Queue): void => logOf(queue).samples.set(clock.now(), null),
    *list(): Iterable<ServedMetric> {
      for (const [QueueName, { samples }] of logs)
        for (const name of [...Object.keys(levels), ...Object.keys(flows)])
          yield { namespace: 'AWS/SQS', name, dimensions: { QueueName }, latest: samples.since(clock.now()) ?? 0 };
    },
    /** Those that there are. */
    queues: (): Queue[] => [...logs.values()].filter(({ samples }) => samples.now !== null).map(({ queue }) => queue),
  };
};
export type QueueMetrics = ReturnType<typeof createQueueMetrics>;
