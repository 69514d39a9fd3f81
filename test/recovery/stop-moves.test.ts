import { ListMessageMoveTasksCommand, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { IncidentRecord } from '../../shared/ports/ledger.ts';
import { stopMoves } from '../../shared/recovery/stop-moves.ts';
import { createDeadLetters, type DeadLetters } from '../actions/dead-letters.ts';
import { noon } from '../remediation/examples.ts';

const minute = 60_000;
let world: DeadLetters | undefined;
afterEach(async () => {
  await world?.aws.close();
  world = undefined;
});

/** A task that began at noon, and what the ledger knows of an execution that began to act at `at`. */
const leave = async (at: number, action = 'redrive') => {
  world = await createDeadLetters();
  const { sqs, aws, about, target, pass } = world;
  const SourceArn = aws.world.arn('sqs', 'dead');
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, MaxNumberOfMessagesPerSecond: 1 }));
  pass(5);
  const record = { incident: about, begun: [{ at, action, target, attempt: 1 }] } as unknown as IncidentRecord;
  const status = async () => (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }))).Results?.[0]?.Status;
  return { sqs, aws, record, status };
};

describe('what a dead execution has left moving', () => {
  test('is cancelled', async () => {
    const { sqs, record, status } = await leave(noon);
    expect(await stopMoves(sqs, record)).toBe('the task that moves messages of queue dead is cancelled');
    expect(await status()).toBe('CANCELLING');
    expect(await stopMoves(sqs, record)).toBeNull();
  });

  test.each([
    ['that somebody has started before', noon + 2 * minute, 'redrive'],
    ['where the execution had begun something else', noon, 'scale-out'],
  ])('is not a task %s', async (_, at, action) => {
    const { sqs, record, status } = await leave(at, action);
    expect(await stopMoves(sqs, record)).toBeNull();
    expect(await status()).toBe('RUNNING');
  });

  test('is told of where it can not be cancelled', async () => {
    const { sqs, aws, record } = await leave(noon);
    aws.faults.inject({ fault: 'fail-call', service: 'sqs', operation: 'CancelMessageMoveTask', code: 'AccessDenied', status: 403 });
    expect(await stopMoves(sqs, record)).toMatch(/^a task may still move messages of queue dead \(.*AccessDenied/);
  });
});
