import type { Operation, OperationUpdate } from '@aws-sdk/client-lambda';

/**
 * Applies one checkpoint update to an execution's operations, as the durable service does. `now` is simulated time in
 * milliseconds since the epoch; `callbackId` names a callback that starts here.
 */
export const applyUpdate = (operations: Map<string, Operation>, update: OperationUpdate, now: number, callbackId: () => string): void => {
  const id = update.Id as string;
  const time = new Date(now);
  const operation: Operation = operations.get(id) ?? {
    Id: id,
    ParentId: update.ParentId,
    Name: update.Name,
    Type: update.Type,
    SubType: update.SubType,
    StartTimestamp: time,
    Status: 'STARTED',
  };
  operations.set(id, operation);
  const attempt = operation.StepDetails?.Attempt ?? 0;
  switch (update.Action) {
    case 'START':
      operation.Status = 'STARTED';
      if (update.Type === 'STEP') operation.StepDetails = { ...operation.StepDetails, Attempt: attempt };
      if (update.Type === 'WAIT') {
        operation.WaitDetails = { ScheduledEndTimestamp: new Date(now + (update.WaitOptions?.WaitSeconds ?? 0) * 1000) };
      }
      if (update.Type === 'CALLBACK') operation.CallbackDetails = { CallbackId: callbackId() };
      break;
    case 'SUCCEED':
      operation.Status = 'SUCCEEDED';
      operation.EndTimestamp = time;
      if (update.Type === 'STEP') operation.StepDetails = { Attempt: attempt, Result: update.Payload };
      if (update.Type === 'CONTEXT')
        operation.ContextDetails = { Result: update.Payload, ReplayChildren: update.ContextOptions?.ReplayChildren };
      break;
    case 'FAIL':
      operation.Status = 'FAILED';
      operation.EndTimestamp = time;
      if (update.Type === 'STEP') operation.StepDetails = { Attempt: attempt, Error: update.Error };
      if (update.Type === 'CONTEXT') operation.ContextDetails = { Error: update.Error };
      break;
    case 'RETRY':
      operation.Status = 'PENDING';
      operation.StepDetails = {
        Attempt: attempt + 1,
        Result: update.Payload,
        Error: update.Error,
        NextAttemptTimestamp: new Date(now + (update.StepOptions?.NextAttemptDelaySeconds ?? 0) * 1000),
      };
      break;
    default:
      throw new Error(`the durable engine knows no checkpoint action ${String(update.Action)}`);
  }
};

/** When an operation that waits for time alone is due, or undefined. */
export const dueAt = (operation: Operation): number | undefined => {
  if (operation.Type === 'WAIT' && operation.Status === 'STARTED') return operation.WaitDetails?.ScheduledEndTimestamp?.getTime();
  if (operation.Type === 'STEP' && operation.Status === 'PENDING') return operation.StepDetails?.NextAttemptTimestamp?.getTime();
  return undefined;
};

/** Marks an operation whose time has come. */
export const fallDue = (operation: Operation, now: number): void => {
  operation.Status = operation.Type === 'WAIT' ? 'SUCCEEDED' : 'READY';
  if (operation.Type === 'WAIT') operation.EndTimestamp = new Date(now);
};
