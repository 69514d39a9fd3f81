import type * as Sdk from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { sqsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { page } from '../../../wire/protocol/pages.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Fauxqs, Queue } from '../model/fauxqs.ts';
import type { MoveTask, MoveTasks } from '../model/move-tasks.ts';
import { redriveAllowPolicyOf, redrivePolicyOf } from '../model/redrive-policy.ts';

const invalid = (message: string) => new AwsError('InvalidParameterValue', message);
const missing = (name: string) =>
  new AwsError('ResourceNotFoundException', `The resource that you specified for the ${name} parameter doesn't exist.`, 404);

const handleSchema = z.object({ taskId: z.string(), sourceArn: z.string() });
const handleOf = ({ id: taskId, sourceArn }: MoveTask): string => Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64');
const readHandle = (handle: string): z.output<typeof handleSchema> => {
  try {
    return handleSchema.parse(JSON.parse(Buffer.from(handle, 'base64').toString('utf8')));
  } catch {
    throw invalid('Value for parameter TaskHandle is invalid.');
  }
};

const within = (name: string, value: number | undefined, most: number): void => {
  if (value !== undefined && (value < 1 || value > most))
    throw invalid(`Value ${value} for parameter ${name} is invalid. Reason: Must be between 1 and ${most}.`);
};

const sourcesOf = (queues: readonly Queue[], deadLetters: Queue): Queue[] =>
  queues.filter(({ attributes }) => redrivePolicyOf(attributes.RedrivePolicy)?.deadLetterTargetArn === deadLetters.arn);

/** Refuses what SQS refuses of the policies about dead letters that a queue is to have. ARNs and queues are those of the store. */
export const checkRedrive = (
  attributes: Readonly<Record<string, unknown>>,
  queue: { arn: string; fifo: boolean },
  fauxqs: Fauxqs,
): void => {
  const { RedrivePolicy: policy, RedriveAllowPolicy: allowed } = attributes;
  if (typeof allowed === 'string' && allowed !== '' && !redriveAllowPolicyOf(allowed))
    throw invalid(`Value ${allowed} for parameter RedriveAllowPolicy is invalid.`);
  if (typeof policy !== 'string' || policy === '') return;
  const wrong = (reason: string) => invalid(`Value ${policy} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  const read = redrivePolicyOf(policy);
  if (!read) throw wrong('It needs a deadLetterTargetArn and a maxReceiveCount.');
  const { deadLetterTargetArn, maxReceiveCount } = read;
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > sqsParameters.mostReceives)
    throw wrong(
      `Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to ${sqsParameters.mostReceives} both inclusive.`,
    );
  const target = fauxqs.queue(deadLetterTargetArn.split(':')[5] ?? '');
  if (target?.arn !== deadLetterTargetArn) throw wrong('Dead letter target does not exist.');
  if (target.isFifo() !== queue.fifo) throw wrong('Dead-letter target must be of the same type of queue as the source.');
  const allow = redriveAllowPolicyOf(target.attributes.RedriveAllowPolicy ?? '');
  const may =
    !allow ||
    allow.redrivePermission === 'allowAll' ||
    (allow.redrivePermission === 'byQueue' && allow.sourceQueueArns.includes(queue.arn));
  if (!may) throw wrong('The dead-letter queue does not permit this queue as a source.');
};

/**
 * What fauxqs doesn't have of SQS: sources of dead-letter queues, and tasks that move messages. The codes and texts of errors are those of
 * answers that were recorded from AWS; that what isn't running is refused as an unsupported operation is assumed.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
export const redriveOperations = (
  world: World,
  tasks: MoveTasks,
  store: { fauxqs(): Fauxqs; queues(): readonly Queue[] },
): Service['operations'] => {
  const queueAt = (arn: string, name: string): Queue => {
    const [prefix, , service, region, account, resource, ...more] = arn.split(':');
    if (prefix !== 'arn' || service !== 'sqs' || !resource || more.length > 0)
      throw invalid(`You must use this format to specify the ${name}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`);
    const queue = region === world.region && account === world.account ? store.fauxqs().queue(resource) : undefined;
    if (!queue) throw missing(name);
    return queue;
  };

  const entry = (task: MoveTask): Sdk.ListMessageMoveTasksResultEntry => ({
    ...(task.status === 'RUNNING' ? { TaskHandle: handleOf(task) } : {}),
    Status: task.status,
    SourceArn: task.sourceArn,
    DestinationArn: task.destinationArn,
    MaxNumberOfMessagesPerSecond: task.rate,
    ApproximateNumberOfMessagesMoved: task.reported,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failure,
    StartedTimestamp: task.startedAt,
  });

  return {
    ListDeadLetterSourceQueues: operation<Sdk.ListDeadLetterSourceQueuesCommandInput, Sdk.ListDeadLetterSourceQueuesCommandOutput>(
      () => sdk.sqs().ListDeadLetterSourceQueues$,
      ({ QueueUrl = '', MaxResults, NextToken }) => {
        const queue = store.fauxqs().queue(QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1));
        if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
        within('MaxResults', MaxResults, 1000);
        const { items, next } = page(sourcesOf(store.queues(), queue), MaxResults ?? 1000, NextToken, QueueUrl);
        return { queueUrls: items.map(({ url }) => url), ...(MaxResults === undefined ? {} : { NextToken: next }) };
      },
    ),
    StartMessageMoveTask: operation<Sdk.StartMessageMoveTaskCommandInput, Sdk.StartMessageMoveTaskCommandOutput>(
      () => sdk.sqs().StartMessageMoveTask$,
      ({ SourceArn: sourceArn = '', DestinationArn: destinationArn, MaxNumberOfMessagesPerSecond: rate }) => {
        const source = queueAt(sourceArn, 'SourceArn');
        within('MaxNumberOfMessagesPerSecond', rate, sqsParameters.moves.mostPerSecond);
        if (sourcesOf(store.queues(), source).length === 0) throw invalid('Source queue must be configured as a Dead Letter Queue.');
        if (destinationArn !== undefined) {
          if (destinationArn === sourceArn) throw invalid('Source queue arn and destination queue arn cannot be the same.');
          if (queueAt(destinationArn, 'DestinationArn').isFifo() !== source.isFifo())
            throw invalid('Source queue and destination queue must be of the same type.');
        }
        if (tasks.active(source))
          throw invalid('There is already a task running. Only one active task is allowed for a source queue arn at a given time.');
        return { TaskHandle: handleOf(tasks.start({ source, sourceArn, destinationArn, rate }, store.fauxqs())) };
      },
    ),
    CancelMessageMoveTask: operation<Sdk.CancelMessageMoveTaskCommandInput, Sdk.CancelMessageMoveTaskCommandOutput>(
      () => sdk.sqs().CancelMessageMoveTask$,
      ({ TaskHandle = '' }) => {
        const { taskId, sourceArn } = readHandle(TaskHandle);
        queueAt(sourceArn, 'SourceArn');
        const task = tasks.find(taskId);
        if (task?.sourceArn !== sourceArn) throw new AwsError('ResourceNotFoundException', 'Task does not exist.', 404);
        if (task.status !== 'RUNNING')
          throw new AwsError('UnsupportedOperation', `The task is ${task.status}; only one that is RUNNING can be cancelled.`);
        tasks.cancel(task);
        return { ApproximateNumberOfMessagesMoved: task.reported };
      },
    ),
    ListMessageMoveTasks: operation<Sdk.ListMessageMoveTasksCommandInput, Sdk.ListMessageMoveTasksCommandOutput>(
      () => sdk.sqs().ListMessageMoveTasks$,
      ({ SourceArn = '', MaxResults = 1 }) => {
        const source = queueAt(SourceArn, 'SourceArn');
        within('MaxResults', MaxResults, 10);
        return { Results: tasks.of(source).slice(0, MaxResults).map(entry) };
      },
    ),
  };
};
