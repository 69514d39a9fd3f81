import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { hours, inSeconds, minutes } from '../model/duration.ts';
import { isNamed } from '../model/errors.ts';
import type { Policy } from '../model/policy.ts';
import { deadAgainWithin } from '../model/snapshot.ts';
import { type ActionStep, defineAction, type Follow, type Proof } from './action.ts';

/** A move task has no token and no tag: it is found by its queue, its rate and its time. Clocks may differ by so many milliseconds. */
const clocksDiffer = 60_000;
/** About so many messages are moved first: a task at one a second is cancelled after as many seconds. */
const first = 10;

type Call = Parameters<ActionStep['call']>[1];
const perSecond = ({ redrive }: Policy): number => redrive?.perSecond ?? 1;

/** docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html */
const endStates: ReadonlySet<string> = new Set(['COMPLETED', 'CANCELLED', 'FAILED']);

const saysOf = ({ Status, FailureReason, ApproximateNumberOfMessagesMoved }: ListMessageMoveTasksResultEntry): string =>
  `${Status ?? 'unknown'}${FailureReason ? `: ${FailureReason}` : ''}, about ${ApproximateNumberOfMessagesMoved ?? 0} moved`;

/** How a task with this rate is followed. What has been moved stays where it is, so a task that was cancelled is no failure. */
const followAt = (rate: (policy: Policy) => number, how: Pick<Follow, 'within' | 'pace'>): Follow => ({
  ...how,
  endsWithSwitch: true,
  find: async (clients, { facts, policy, since }) => {
    const { Results = [] } = await clients
      .of(SQSClient)
      .send(new ListMessageMoveTasksCommand({ SourceArn: facts.queue?.arn, MaxResults: 10 }));
    const own = Results.find(
      ({ MaxNumberOfMessagesPerSecond, DestinationArn, StartedTimestamp = 0 }) =>
        MaxNumberOfMessagesPerSecond === rate(policy) && DestinationArn === undefined && Number(StartedTimestamp) >= since - clocksDiffer,
    );
    if (!own) return null;
    const { Status = '', TaskHandle } = own;
    const ended = endStates.has(Status);
    return {
      id: TaskHandle ?? String(own.StartedTimestamp),
      state: !ended ? 'running' : Status === 'FAILED' ? 'failed' : 'done',
      says: ended ? saysOf(own) : Status,
      output: [],
    };
  },
  cancel: async (clients, _, TaskHandle) => {
    try {
      await clients.of(SQSClient).send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    } catch (error) {
      // It ended by itself in the meantime.
      if (!isNamed(error, 'UnsupportedOperation', 'AWS.SimpleQueueService.UnsupportedOperation', 'ResourceNotFoundException')) throw error;
    }
  },
});

const start =
  (rate: (policy: Policy) => number): ActionStep['call'] =>
  async (clients, { facts, policy, dryRun }: Call) => {
    // SQS has no dry run.
    if (dryRun) return;
    await clients
      .of(SQSClient)
      .send(new StartMessageMoveTaskCommand({ SourceArn: facts.queue?.arn, MaxNumberOfMessagesPerSecond: rate(policy) }));
  };

/** What was moved and can't be processed is dead again by then. */
const staysAway: Proof = {
  within: ({ queue }) => (queue ? deadAgainWithin(queue) : 0),
  wrong: ({ queue }, since) => {
    const [before, now] = [since.queue?.messages ?? null, queue?.messages ?? null];
    if (before === null || now === null) return "SQS doesn't say whether what was moved is dead again";
    return now > before ? `${now - before} of the messages that were moved are dead again` : null;
  },
};

export const redrive = defineAction({
  id: 'redrive',
  permissions: ['sqs:StartMessageMoveTask', 'sqs:ListMessageMoveTasks', 'sqs:CancelMessageMoveTask'],
  effects: ['repeatsWork'],
  downtime: null,
  undo: null,
  once: (policy) => (policy.redrive ? inSeconds(policy.redrive.onceIn) : 0),
  target: ({ queue = null }) => (queue?.sources && queue.sources.length > 0 ? { type: 'queue', id: queue.id } : null),
  verb: { base: 'move', past: 'moved' },
  object: ({ target, facts: { queue } }) =>
    `${queue?.messages ?? 'the'} messages of queue ${target.id} back to ${(queue?.sources ?? []).map(({ id }) => id).join(', ')}`,
  steps: [
    {
      name: 'move-a-few',
      call: start(() => 1),
      follow: followAt(() => 1, { within: first, pace: { initial: 5, cap: 5, attempts: Number.POSITIVE_INFINITY } }),
      proof: staysAway,
    },
    {
      name: 'move-the-rest',
      done: ({ queue = null }) => queue?.messages === 0,
      call: start(perSecond),
      follow: followAt(perSecond, {
        within: ({ redrive: named }) => Math.min(hours(4), (2 * (named?.atMost ?? 0)) / (named?.perSecond ?? 1) + minutes(10)),
        pace: { initial: 5, cap: 120, attempts: Number.POSITIVE_INFINITY },
      }),
      proof: staysAway,
    },
  ],
});
