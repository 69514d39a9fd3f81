import { DurableExecutionInvocationInputWithClient, type DurableLambdaHandler } from '@aws/durable-execution-sdk-js';
import type { Operation, OperationUpdate } from '@aws-sdk/client-lambda';
import type { Clock, Random } from '#local-aws';
import { type Cancel, createClock } from '#local-aws/clock';
import { dayMs } from '../../../shared/model/duration.ts';
import { SelfhealError } from '../../../shared/model/errors.ts';
import { skipCooldown } from './cooldown.ts';
import type { InterleavingScheduler } from './interleaving-scheduler.ts';
import { applyUpdate, dueAt, fallDue } from './operations.ts';
import { type Process, runAs } from './process.ts';

type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';

export type Execution = {
  readonly name: string;
  readonly arn: string;
  readonly functionName: string;
  readonly payload: string;
  readonly startedAt: number;
  status: ExecutionStatus;
  /** The handler's result as JSON, once it succeeded. */
  result: string | undefined;
  error: string | undefined;
  endedAt: number | undefined;
  operations: Map<string, Operation>;
  /** Checkpoints made so far. */
  checkpoints: number;
  invocations: number;
  /** Started operations, including retries, and the bytes that were written for them: what is paid for. */
  taken: number;
  written: number;
  /** The size of each operation, and of all of them, in bytes. */
  held: Map<string, number>;
  state: number;
};

/**
 * What the service allows: operations of an execution (assumed, retries included: no source was found), bytes of what one operation is
 * checkpointed with (as AWS's own SDK has it), and bytes that an execution keeps in all.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const engineLimits = { operations: 3000, checkpoint: 256 * 1024, state: 100 * 1024 * 1024 };

/** A refused checkpoint, which fails the execution. */
const refusal = (message: string): Error =>
  Object.assign(new Error(message), { name: 'InvalidParameterValueException', $metadata: { httpStatusCode: 400 } });

/**
 * Where a process may die around a checkpoint: `before` the service has it (what was done is forgotten) or `after` (the service
 * has it, the process never learns).
 */
export type DeathPoint = { execution: Execution; checkpoint: number; when: 'before' | 'after'; updates: readonly OperationUpdate[] };

export type EngineOptions = {
  clock: Clock;
  random: Random;
  account: string;
  region: string;
  /** The handler of a function, or undefined for one that doesn't exist. */
  handler: (functionName: string, execution: Execution) => DurableLambdaHandler | undefined;
  /** An execution that takes longer than this is timed out. In milliseconds. */
  executionTimeout?: number;
  /** True kills the process there; the service then invokes the function again. */
  dies?: (point: DeathPoint) => boolean;
  /** Runs executions concurrently, one call at a time, in the order that the gate draws; without it sequentially. */
  gate?: InterleavingScheduler;
  limits?: Partial<typeof engineLimits>;
  /** Called once when an execution ends, however it ends. */
  onEnd?: (execution: Execution) => void;
};

/** As the service says it when an execution of that name runs with another payload. */
export class AlreadyStartedError extends SelfhealError {
  override readonly name = 'DurableExecutionAlreadyStartedException';
}

export type DurableEngine = {
  readonly executions: ReadonlyMap<string, Execution>;
  /** Starts an execution, or joins the one of that name. Throws `AlreadyStartedError` if it has another payload. */
  start(functionName: string, name: string, payload: string): { execution: Execution; started: boolean };
  /** Whether an execution runs or waits. */
  busy(): boolean;
  /** When the next execution wants to run: now for one that is ready, undefined if none waits for time. */
  next(): number | undefined;
  /** Runs every execution that is ready or due, in the order of their starts, until all wait or have ended. */
  run(): Promise<void>;
  /** Answers a callback; returns false for one that is unknown or already answered. */
  completeCallback(callbackId: string, answer: { result: string } | { error: string }): boolean;
  /** Stops an execution from outside, as an operator does. */
  stop(name: string): void;
};

const year = 365 * dayMs;

skipCooldown();

/** AWS invokes a function again when its process died; this many deaths in a row are a defect of the caller. */
const maxDeaths = 1000;

/**
 * Lambda's durable execution service with a virtual clock. It keeps a checkpoint log for each execution and runs the real SDK's
 * handlers against it. An execution always suspends at a wait and is replayed from its log, so a playbook that isn't
 * deterministic is caught here and not in production.
 */
export const createDurableEngine = (options: EngineOptions): DurableEngine => {
  const { clock } = options;
  const limits = { ...engineLimits, ...options.limits };
  const random = options.random.fork('durable-engine');
  const executions = new Map<string, Execution>();
  const callbacks = new Map<string, { execution: Execution; operation: Operation; timeoutAt: number | undefined }>();
  const ready = new Set<Execution>();
  /** Running executions, by the order in which they were started, and when each is due: worked out once after each of its changes. */
  const running = new Map<Execution, { order: number; cancel: Cancel }>();
  const agenda = createClock(clock.now());
  const due: Execution[] = [];
  let starts = 0;

  const end = (execution: Execution, status: ExecutionStatus, result?: string, error?: string) => {
    Object.assign(execution, { status, result, error, endedAt: clock.now() });
    ready.delete(execution);
    running.get(execution)?.cancel();
    running.delete(execution);
    options.onEnd?.(execution);
  };

  /** Throws where the service would take no more. */
  const admit = (execution: Execution, updates: readonly OperationUpdate[]): void => {
    for (const { Id = '', Name = '', Payload, Error: error, Action } of updates) {
      const bytes = Buffer.byteLength(Payload ?? '') + (error ? Buffer.byteLength(JSON.stringify(error)) : 0);
      if (bytes > limits.checkpoint) throw refusal(`the checkpoint of ${Name} has ${bytes} bytes, and may have ${limits.checkpoint}`);
      if (Action === 'RETRY' || !execution.held.has(Id)) execution.taken++;
      if (execution.taken > limits.operations) throw refusal(`the execution has more than ${limits.operations} operations`);
      execution.state += bytes - (execution.held.get(Id) ?? 0);
      execution.held.set(Id, bytes);
      execution.written += bytes;
      if (execution.state > limits.state) throw refusal(`the execution holds ${execution.state} bytes, and may hold ${limits.state}`);
    }
  };

  const checkpoint = (execution: Execution, updates: readonly OperationUpdate[]) => {
    admit(execution, updates);
    const changed: Operation[] = [];
    for (const update of updates) {
      applyUpdate(execution.operations, update, clock.now(), () => Buffer.from(random.hex(32), 'hex').toString('base64'));
      const operation = execution.operations.get(update.Id as string) as Operation;
      const callbackId = operation.CallbackDetails?.CallbackId;
      if (update.Type === 'CALLBACK' && update.Action === 'START' && callbackId) {
        const seconds = update.CallbackOptions?.TimeoutSeconds;
        callbacks.set(callbackId, { execution, operation, timeoutAt: seconds ? clock.now() + seconds * 1000 : undefined });
      }
      changed.push({ ...operation });
    }
    return changed;
  };

  /** One invocation of the function: true if it ran to a suspension or an end, false if its process died. */
  const invoke = async (execution: Execution, handler: DurableLambdaHandler): Promise<boolean> => {
    execution.invocations++;
    let died: () => void = () => {};
    const death = new Promise<'died'>((resolve) => {
      died = () => resolve('died');
    });
    const process: Process = {
      name: execution.name,
      dead: false,
      die: () => {
        process.dead = true;
        died();
      },
    };
    const forever = new Promise<never>(() => {});
    const client = {
      checkpoint: async ({ Updates = [] }: { Updates?: OperationUpdate[] | undefined }) => {
        if (process.dead) return forever;
        const point = { execution, checkpoint: execution.checkpoints++, updates: Updates };
        const dies = (when: DeathPoint['when']) => {
          if (!options.dies?.({ ...point, when })) return false;
          process.die();
          return true;
        };
        if (dies('before')) return forever;
        const Operations = checkpoint(execution, Updates);
        if (dies('after')) return forever;
        return { CheckpointToken: `t${execution.checkpoints}`, NewExecutionState: { Operations } };
      },
      getExecutionState: async () => ({ Operations: [] }),
    };
    const input = new DurableExecutionInvocationInputWithClient(
      {
        DurableExecutionArn: execution.arn,
        CheckpointToken: `t${execution.checkpoints}`,
        InitialExecutionState: { Operations: [...execution.operations.values()].map((operation) => ({ ...operation })) },
      } as ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[0],
      client as unknown as ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[1],
    );
    const context = {
      functionName: execution.functionName,
      functionVersion: '1',
      invokedFunctionArn: `arn:aws:lambda:${options.region}:${options.account}:function:${execution.functionName}:durable`,
      awsRequestId: random.uuid(),
      memoryLimitInMB: '256',
      logGroupName: `/aws/lambda/${execution.functionName}`,
      logStreamName: 'local',
      callbackWaitsForEmptyEventLoop: false,
      // Less than the SDK wants for polling inside one invocation, so that it always suspends and replays.
      getRemainingTimeInMillis: () => 500,
    };
    options.gate?.begin(process);
    const running = runAs(process, () => handler(input, context as unknown as Parameters<DurableLambdaHandler>[1]));
    const answer = await Promise.race([running, death]);
    options.gate?.end(process);
    if (answer === 'died') return false;
    if (answer.Status === 'SUCCEEDED') end(execution, 'SUCCEEDED', answer.Result);
    else if (answer.Status === 'FAILED') end(execution, 'FAILED', undefined, answer.Error?.ErrorMessage ?? 'failed');
    return true;
  };

  const wakeAt = (execution: Execution): number | undefined => {
    let earliest = options.executionTimeout === undefined ? undefined : execution.startedAt + options.executionTimeout;
    const consider = (at: number | undefined) => {
      if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
    };
    for (const operation of execution.operations.values()) consider(dueAt(operation));
    for (const callback of callbacks.values()) if (callback.execution === execution) consider(callback.timeoutAt);
    return earliest;
  };

  const wake = (execution: Execution): void => {
    const now = clock.now();
    if (now - execution.startedAt >= (options.executionTimeout ?? year)) {
      end(execution, 'TIMED_OUT', undefined, 'the execution took longer than it may');
      return;
    }
    for (const operation of execution.operations.values()) {
      const at = dueAt(operation);
      if (at === undefined || at > now) continue;
      fallDue(operation, now);
      ready.add(execution);
    }
    for (const [id, callback] of callbacks) {
      if (callback.execution !== execution || callback.timeoutAt === undefined || callback.timeoutAt > now) continue;
      callback.operation.Status = 'TIMED_OUT';
      callback.operation.EndTimestamp = new Date(now);
      callbacks.delete(id);
      ready.add(execution);
    }
  };

  /** To be called whenever an execution has changed. */
  const changed = (execution: Execution): void => {
    if (execution.status !== 'RUNNING') return;
    const { order = starts++, cancel } = running.get(execution) ?? {};
    cancel?.();
    const at = wakeAt(execution);
    running.set(execution, { order, cancel: at === undefined ? () => {} : agenda.at(at, () => due.push(execution)) });
  };

  return {
    executions,
    start: (functionName, name, payload) => {
      const existing = executions.get(name);
      if (existing) {
        if (existing.payload !== payload) throw new AlreadyStartedError(`an execution named ${name} exists with another payload`);
        return { execution: existing, started: false };
      }
      const base = `arn:aws:lambda:${options.region}:${options.account}:function:${functionName}:1`;
      const now = clock.now();
      const execution: Execution = {
        name,
        arn: `${base}/durable-execution/${name}/${random.uuid()}`,
        functionName,
        payload,
        startedAt: now,
        status: 'RUNNING',
        result: undefined,
        error: undefined,
        endedAt: undefined,
        operations: new Map([
          [
            'exec',
            {
              Id: 'exec',
              Type: 'EXECUTION',
              Status: 'STARTED',
              StartTimestamp: new Date(now),
              ExecutionDetails: { InputPayload: payload },
            },
          ],
        ]),
        checkpoints: 0,
        invocations: 0,
        taken: 0,
        written: 0,
        held: new Map([['exec', Buffer.byteLength(payload)]]),
        state: Buffer.byteLength(payload),
      };
      executions.set(name, execution);
      ready.add(execution);
      changed(execution);
      return { execution, started: true };
    },
    busy: () => running.size > 0,
    next: () => (ready.size > 0 ? clock.now() : agenda.next()),
    run: async () => {
      agenda.advanceTo(clock.now());
      const orderOf = (execution: Execution) => running.get(execution)?.order ?? 0;
      for (const execution of due.splice(0).sort((a, b) => orderOf(a) - orderOf(b))) {
        wake(execution);
        if (!ready.has(execution)) changed(execution);
      }
      const runOne = async (execution: Execution): Promise<void> => {
        const handler = options.handler(execution.functionName, execution);
        if (!handler) throw new Error(`no durable function is named ${execution.functionName}`);
        for (let deaths = 0; execution.status === 'RUNNING' && !(await invoke(execution, handler)); deaths++) {
          if (deaths >= maxDeaths) throw new Error(`${execution.name} died ${maxDeaths} times in a row`);
        }
        changed(execution);
      };
      while (ready.size > 0) {
        const batch = options.gate ? [...ready] : [...ready].slice(0, 1);
        for (const execution of batch) ready.delete(execution);
        await Promise.all(batch.map(runOne));
      }
    },
    completeCallback: (callbackId, answer) => {
      const callback = callbacks.get(callbackId);
      if (callback?.execution.status !== 'RUNNING') return false;
      callbacks.delete(callbackId);
      const { operation, execution } = callback;
      operation.EndTimestamp = new Date(clock.now());
      operation.Status = 'result' in answer ? 'SUCCEEDED' : 'FAILED';
      operation.CallbackDetails = {
        CallbackId: callbackId,
        ...('result' in answer ? { Result: answer.result } : { Error: { ErrorMessage: answer.error } }),
      };
      ready.add(execution);
      return true;
    },
    stop: (name) => {
      const execution = executions.get(name);
      if (execution?.status === 'RUNNING') end(execution, 'STOPPED', undefined, 'stopped from outside');
    },
  };
};
