import { CancelMessageMoveTaskCommand, ListMessageMoveTasksCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { attempt, explain } from '../aws/call.ts';
import { minuteMs } from '../model/duration.ts';
import type { IncidentRecord } from '../ports/ledger.ts';

/** IAM actions: packaging grants them only where the policy lets messages be moved. */
export const stopMovesPermissions = ['sqs:ListMessageMoveTasks', 'sqs:CancelMessageMoveTask'] as const;

/**
 * Cancels the task that a dead execution has left moving messages, and says what came of that, for people; null where it has left none.
 * Nobody would look any more whether what is moved dies again.
 */
export const stopMoves = async (sqs: Pick<SQSClient, 'send'>, { begun, incident }: IncidentRecord): Promise<string | null> => {
  const last = begun.findLast(({ action }) => action === 'redrive');
  if (!last || !incident) return null;
  const { account, region, partition = 'aws' } = incident;
  const queue = last.target.id;
  const SourceArn = `arn:${partition}:sqs:${region}:${account}:${queue}`;
  const stopped = await attempt(async () => {
    const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
    const [newest] = Results;
    // Clocks may differ.
    if (newest?.Status !== 'RUNNING' || Number(newest.StartedTimestamp ?? 0) < last.at - minuteMs) return null;
    await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: newest.TaskHandle }));
    return `the task that moves messages of queue ${queue} is cancelled`;
  });
  return stopped.ok ? stopped.value : `a task may still move messages of queue ${queue} (${explain(stopped.error)})`;
};
