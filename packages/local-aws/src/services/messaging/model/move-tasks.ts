import { sqsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import type { Fauxqs, Message, OnChange, Queue } from './fauxqs.ts';
import { visibleIn } from './queue-metrics.ts';

export type MoveTask = {
  readonly id: string;
  readonly source: Queue;
  readonly sourceArn: string;
  readonly destinationArn: string | undefined;
  /** Messages a second; SQS chooses where it is left out. */
  readonly rate: number | undefined;
  readonly startedAt: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  moved: number;
  /** Of those, what callers are told of: it lags while the task is active. */
  reported: number;
  /** How many there were when the task began to move them. */
  toMove: number | undefined;
  failure: string | undefined;
};

const isActive = ({ status }: MoveTask): boolean => status === 'RUNNING' || status === 'CANCELLING';
const nameIn = (arn: string): string => arn.split(':')[5] ?? '';

/** Takes the message out of a queue that came first and is visible; its group is not locked in a FIFO queue. */
const takeOldest = (queue: Queue): Message | undefined => {
  if (!queue.isFifo()) return queue.messages.shift();
  let oldest: Message | undefined;
  for (const [group, [first]] of queue.fifoMessages)
    if (first && !queue.fifoLockedGroups.has(group) && (first.sequenceNumber ?? '') < (oldest?.sequenceNumber ?? '~')) oldest = first;
  const group = queue.fifoMessages.get(oldest?.messageGroupId ?? '');
  group?.shift();
  if (group?.length === 0) queue.fifoMessages.delete(oldest?.messageGroupId ?? '');
  return oldest;
};
const giveBack = (queue: Queue, message: Message): void => {
  if (!queue.isFifo()) return void queue.messages.unshift(message);
  const group = message.messageGroupId ?? '';
  queue.fifoMessages.set(group, [message, ...(queue.fifoMessages.get(group) ?? [])]);
};

/**
 * Tasks that move the messages of a dead-letter queue to where they came from, or to another queue. Each message is in one queue at any
 * time. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
export const createMoveTasks = (world: World, changed: OnChange) => {
  const { clock } = world;
  const random = world.random.fork('sqs-move-tasks');
  const tasks: MoveTask[] = [];
  const within = ({ least, most }: { least: number; most: number }): number => Math.round(random.between(least, most) * 1000);

  /** "All redriven messages are considered new messages with a new messageID and enqueueTime": the page above. */
  const renew = (message: Message, to: Queue, fauxqs: Fauxqs): void => {
    const delay = Number(to.attributes.DelaySeconds ?? 0) * 1000;
    message.messageId = fauxqs.messageId();
    message.sentTimestamp = clock.now();
    message.approximateReceiveCount = 0;
    delete message.approximateFirstReceiveTimestamp;
    delete message.from;
    if (delay > 0) message.delayUntil = clock.now() + delay;
    else delete message.delayUntil;
    if (to.isFifo()) message.sequenceNumber = to.nextSequenceNumber();
    to.put(message);
    changed(to, { sent: 1 });
  };

  /** Moves the next message; what has become of the task, or undefined where it goes on. */
  const moveOne = (task: MoveTask, fauxqs: Fauxqs): Pick<MoveTask, 'status' | 'failure'> | undefined => {
    const { source, destinationArn } = task;
    const message = task.moved < (task.toMove ?? 0) ? takeOldest(source) : undefined;
    if (!message) return { status: 'COMPLETED', failure: undefined };
    const name = destinationArn === undefined ? message.from : nameIn(destinationArn);
    const to = name === undefined ? undefined : fauxqs.queue(name);
    if (!to) {
      giveBack(source, message);
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-dlq-redrive.html
      const failure = name === undefined ? 'CouldNotDetermineMessageSource' : 'AWS.SimpleQueueService.NonExistentQueue';
      return { status: 'FAILED', failure };
    }
    renew(message, to, fauxqs);
    task.moved++;
    return undefined;
  };

  const end = (task: MoveTask, result: Partial<MoveTask>): MoveTask => Object.assign(task, result, { reported: task.moved });

  /** Moves what is due in a second. */
  const moveSome = (task: MoveTask, fauxqs: Fauxqs): ReturnType<typeof moveOne> => {
    if (fauxqs.queue(task.source.name) !== task.source) return { status: 'FAILED', failure: 'AWS.SimpleQueueService.NonExistentQueue' };
    task.source.processTimers();
    let result: ReturnType<typeof moveOne>;
    for (let i = 0; i < (task.rate ?? sqsParameters.moves.perSecond) && !result; i++) result = moveOne(task, fauxqs);
    changed(task.source);
    return result;
  };

  const step = (task: MoveTask, fauxqs: Fauxqs): void => {
    if (!isActive(task)) return;
    const result = moveSome(task, fauxqs);
    if (result) end(task, result);
    else clock.after(1000, () => step(task, fauxqs));
  };

  const report = (task: MoveTask): void => {
    if (!isActive(task)) return;
    task.reported = task.moved;
    clock.after(sqsParameters.moves.reportedEverySeconds * 1000, () => report(task));
  };

  return {
    active: (source: Queue): boolean => tasks.some((task) => task.source === source && isActive(task)),
    find: (id: string): MoveTask | undefined => tasks.find((task) => task.id === id),
    /** Newest first. */
    of: (source: Queue): MoveTask[] => tasks.filter((task) => task.source === source).reverse(),
    start: (of: Pick<MoveTask, 'source' | 'sourceArn' | 'destinationArn' | 'rate'>, fauxqs: Fauxqs): MoveTask => {
      const startedAt = clock.now();
      const counts = { moved: 0, reported: 0, toMove: undefined, failure: undefined };
      const task: MoveTask = { ...of, id: random.uuid(), startedAt, status: 'RUNNING', ...counts };
      tasks.push(task);
      clock.after(within(sqsParameters.moves.startSeconds), () => {
        if (!isActive(task)) return;
        task.source.processTimers();
        task.toMove = visibleIn(task.source);
        clock.after(sqsParameters.moves.reportedEverySeconds * 1000, () => report(task));
        step(task, fauxqs);
      });
      return task;
    },
    /** It goes on until SQS has come to stop it. */
    cancel: (task: MoveTask): void => {
      task.status = 'CANCELLING';
      clock.after(within(sqsParameters.moves.cancelSeconds), () => {
        if (task.status === 'CANCELLING') end(task, { status: 'CANCELLED' });
      });
    },
  };
};
export type MoveTasks = ReturnType<typeof createMoveTasks>;
