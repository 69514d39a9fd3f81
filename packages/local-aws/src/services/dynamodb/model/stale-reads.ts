import type { Clock } from '../../../core/clock.ts';
import type { HttpRequest } from '../../../wire/protocol/http.ts';
import { type Handle, inputOf, operationOf } from './dynalite.ts';

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);
const ofTables = new Set(['CreateTable', 'UpdateTable', 'DeleteTable']);

/** Whether a read may be behind. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html */
const mayBeStale = (request: HttpRequest): boolean => {
  const operation = operationOf(request);
  const { ConsistentRead, RequestItems } = inputOf(request);
  if (operation !== 'BatchGetItem') return ['GetItem', 'Query', 'Scan'].includes(operation) && ConsistentRead !== true;
  return !Object.values(RequestItems ?? {}).every((wanted) => wanted?.ConsistentRead === true);
};

/**
 * A store whose reads are as many milliseconds behind as DynamoDB's may be, unless they ask for consistency: a replica gets each write
 * that much later, and answers them. It comes to the same items, since it gets in the same order what has taken effect before.
 */
export const withStaleReads = (primary: Handle, replica: Handle, clock: Pick<Clock, 'now'>, lag: number): Handle => {
  let behind: { at: number; request: HttpRequest }[] = [];
  let applied: Promise<unknown> = Promise.resolve();

  /** Reads of the same moment wait for the same writes. */
  const catchUp = (): Promise<unknown> => {
    const due = behind.filter(({ at }) => at <= clock.now() - lag);
    behind = behind.slice(due.length);
    for (const { request } of due) applied = applied.then(() => replica(request));
    return applied;
  };

  return async (request) => {
    const operation = operationOf(request);
    await catchUp();
    if (mayBeStale(request)) return replica(request);
    const answer = await primary(request);
    if (answer.status !== 200) return answer;
    if (writes.has(operation)) behind.push({ at: clock.now(), request });
    if (ofTables.has(operation)) {
      const { TableName } = inputOf(request);
      if (operation === 'DeleteTable') behind = behind.filter((write) => inputOf(write.request).TableName !== TableName);
      await replica(request);
    }
    return answer;
  };
};
