import type {
  DeleteFunctionCommandInput,
  DeleteFunctionCommandOutput,
  GetAccountSettingsCommandInput,
  GetAccountSettingsCommandOutput,
  GetFunctionConcurrencyCommandInput,
  GetFunctionConcurrencyCommandOutput,
  InvokeCommandInput,
  InvokeCommandOutput,
  ListDurableExecutionsByFunctionCommandInput,
  ListDurableExecutionsByFunctionCommandOutput,
  ListVersionsByFunctionCommandInput,
  ListVersionsByFunctionCommandOutput,
  SendDurableExecutionCallbackFailureCommandInput,
  SendDurableExecutionCallbackFailureCommandOutput,
  SendDurableExecutionCallbackSuccessCommandInput,
  SendDurableExecutionCallbackSuccessCommandOutput,
} from '@aws-sdk/client-lambda';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { InvocationResult, LambdaHooks, ListedExecution } from '../model/hooks.ts';
import { parseFunctionName } from '../model/name.ts';
import type { Functions } from './functions.ts';

/** In bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const payloadLimit = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024 } as const;

/** In bytes. https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html */
const callbackResultLimit = 262_144;
const callbackIdPattern = /^[A-Za-z0-9+/]+={0,2}$/;

const parsePayload = (payload: Uint8Array | undefined): unknown => {
  const text = new TextDecoder().decode(payload);
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${(error as Error).message}`);
  }
};

/** The version that an execution stays on, as its ARN tells it. */
const versionOf = ({ arn }: ListedExecution): string => arn.split('/')[0]?.split(':')[7] ?? '$LATEST';

const answer = ({ payload, error, durableExecutionArn }: InvocationResult) => ({
  StatusCode: 200,
  ExecutedVersion: '$LATEST',
  Payload: new TextEncoder().encode(JSON.stringify(error ?? payload ?? null)) as NonNullable<InvokeCommandOutput['Payload']>,
  ...(error && { FunctionError: 'Unhandled' }),
  ...(durableExecutionArn && { DurableExecutionArn: durableExecutionArn }),
});

/** Invoke, the answers to callbacks, executions, the versions that have some, and the account's concurrency. */
export const executionOperations = (
  world: World,
  { onInvoke, onCallback, executions, concurrency }: { [Hook in keyof LambdaHooks]-?: NonNullable<LambdaHooks[Hook]> },
  functions: Functions,
): Service['operations'] => {
  const answerCallback = (id: string, reply: { result: string } | { error: string }): Record<string, never> => {
    if (id.length > 1024 || !callbackIdPattern.test(id))
      throw new AwsError('InvalidParameterValueException', `Invalid callback ID: ${id.slice(0, 100)}`);
    if (!onCallback(id, reply)) throw new AwsError('CallbackTimeoutException', 'The callback has expired or is already closed.');
    return {};
  };
  const succeed = ({ CallbackId = '', Result }: SendDurableExecutionCallbackSuccessCommandInput) => {
    const bytes = (Result ?? new Uint8Array()) as Uint8Array;
    if (bytes.length > callbackResultLimit)
      throw new AwsError('InvalidParameterValueException', `Result must be at most ${callbackResultLimit} bytes`);
    return answerCallback(CallbackId, { result: new TextDecoder().decode(bytes) });
  };
  const fail = ({ CallbackId = '', Error: error }: SendDurableExecutionCallbackFailureCommandInput) =>
    answerCallback(CallbackId, { error: error?.ErrorMessage ?? 'failed' });
  const invoke = async (input: InvokeCommandInput): Promise<Omit<InvokeCommandOutput, '$metadata'>> => {
    const { name, qualifier: inName } = parseFunctionName(input.FunctionName ?? '');
    const qualifier = input.Qualifier ?? inName;
    if (inName !== undefined && qualifier !== inName)
      throw new AwsError(
        'InvalidParameterValueException',
        `The derived qualifier from the function name does not match the specified qualifier.`,
      );
    const type = input.InvocationType ?? 'RequestResponse';
    if (type !== 'Event' && type !== 'RequestResponse' && type !== 'DryRun')
      throw new AwsError('InvalidParameterValueException', `Unsupported invocation type: ${String(type)}`);
    const size = (input.Payload as Uint8Array | undefined)?.length ?? 0;
    const limit = payloadLimit[type === 'Event' ? 'Event' : 'RequestResponse'];
    if (size > limit)
      throw new AwsError('RequestTooLargeException', `Request must be smaller than ${limit} bytes for the InvokeFunction operation`, 413);
    const payload = parsePayload(input.Payload as Uint8Array | undefined);
    if (type === 'DryRun') return { StatusCode: 204 };
    const result = await onInvoke({ functionName: name, qualifier, type, executionName: input.DurableExecutionName, payload });
    if (!result)
      throw new AwsError(
        'ResourceNotFoundException',
        `Function not found: ${world.arn('lambda', `function:${name}${qualifier ? `:${qualifier}` : ''}`)}`,
        404,
      );
    if (type === 'RequestResponse') return answer(result);
    return { StatusCode: 202, ...(result.durableExecutionArn && { DurableExecutionArn: result.durableExecutionArn }) };
  };
  const listExecutions = (input: ListDurableExecutionsByFunctionCommandInput) => {
    const { name, qualifier: inName } = parseFunctionName(input.FunctionName ?? '');
    const { DurableExecutionName, Statuses = [], StartedAfter, StartedBefore, MaxItems = 100, ReverseOrder, Marker = '0' } = input;
    const at = Number(Marker);
    if (!Number.isSafeInteger(at) || at < 0) throw new AwsError('InvalidParameterValueException', 'Invalid marker.');
    const qualifier = input.Qualifier ?? inName;
    const version = qualifier !== undefined && /^(\d+|\$LATEST)$/.test(qualifier) ? qualifier : undefined;
    const found = [...executions()].filter(
      (execution) =>
        execution.functionName === name &&
        (version === undefined || versionOf(execution) === version) &&
        (DurableExecutionName === undefined || execution.name === DurableExecutionName) &&
        (Statuses.length === 0 || Statuses.includes(execution.status)) &&
        (StartedAfter === undefined || execution.startedAt > StartedAfter.getTime()) &&
        (StartedBefore === undefined || execution.startedAt < StartedBefore.getTime()),
    );
    if (ReverseOrder) found.reverse();
    const FunctionArn = world.arn('lambda', `function:${name}${qualifier ? `:${qualifier}` : ''}`);
    const end = at + (MaxItems || 100);
    return {
      DurableExecutions: found.slice(at, end).map((execution) => ({
        DurableExecutionArn: execution.arn,
        DurableExecutionName: execution.name,
        FunctionArn,
        Status: execution.status,
        StartTimestamp: new Date(execution.startedAt),
        ...(execution.endedAt === undefined ? {} : { EndTimestamp: new Date(execution.endedAt) }),
      })),
      ...(end < found.length ? { NextMarker: String(end) } : {}),
    };
  };
  const deleted = new Set<string>();
  /** Its versions by when they were made: a version that is there was there when its first execution began. */
  const versions = (name: string): Map<string, number> => {
    const found = new Map<string, number>();
    for (const execution of executions()) {
      const version = versionOf(execution);
      if (execution.functionName !== name || version === '$LATEST' || deleted.has(`${name}:${version}`)) continue;
      found.set(version, Math.min(execution.startedAt, found.get(version) ?? Number.POSITIVE_INFINITY));
    }
    return found;
  };
  const listVersions = (input: ListVersionsByFunctionCommandInput) => {
    const { name } = parseFunctionName(input.FunctionName ?? '');
    const published = [...versions(name)].map(([Version, madeAt]) => ({
      ...{ FunctionName: name, Version },
      LastModified: new Date(madeAt).toISOString().replace('Z', '+0000'),
    }));
    const placed = (functions.versionsOf(name) ?? []).filter((version) => version !== '$LATEST' && !versions(name).has(version));
    const others = placed.map((Version) => ({ FunctionName: name, Version }));
    return { Versions: [{ FunctionName: name, Version: '$LATEST' }, ...published, ...others] };
  };
  /** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html */
  const deleteVersion = (input: DeleteFunctionCommandInput): Record<string, never> => {
    const { name, qualifier: inName } = parseFunctionName(input.FunctionName ?? '');
    const version = input.Qualifier ?? inName;
    if (version === undefined || !/^\d+$/.test(version))
      throw new AwsError('InvalidParameterValueException', 'The local AWS deletes versions, not whole functions');
    if (!versions(name).has(version))
      throw new AwsError('ResourceNotFoundException', `Function not found: ${world.arn('lambda', `function:${name}:${version}`)}`, 404);
    deleted.add(`${name}:${version}`);
    return {};
  };
  const accountSettings = () => {
    const reserved = Object.values(concurrency.reserved).reduce((sum, one) => sum + one, 0);
    const { limit } = concurrency;
    return { AccountLimit: { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: limit - reserved } };
  };
  const functionConcurrency = (input: GetFunctionConcurrencyCommandInput) => {
    const { name } = parseFunctionName(input.FunctionName ?? '');
    if (!Object.hasOwn(concurrency.reserved, name))
      throw new AwsError('ResourceNotFoundException', `Function not found: ${world.arn('lambda', `function:${name}`)}`, 404);
    return { ReservedConcurrentExecutions: concurrency.reserved[name] };
  };
  return {
    GetAccountSettings: operation<GetAccountSettingsCommandInput, GetAccountSettingsCommandOutput>(
      () => sdk.lambda().GetAccountSettings$,
      accountSettings,
    ),
    GetFunctionConcurrency: operation<GetFunctionConcurrencyCommandInput, GetFunctionConcurrencyCommandOutput>(
      () => sdk.lambda().GetFunctionConcurrency$,
      functionConcurrency,
    ),
    Invoke: operation<InvokeCommandInput, InvokeCommandOutput>(() => sdk.lambda().Invoke$, invoke),
    ListDurableExecutionsByFunction: operation<ListDurableExecutionsByFunctionCommandInput, ListDurableExecutionsByFunctionCommandOutput>(
      () => sdk.lambda().ListDurableExecutionsByFunction$,
      listExecutions,
    ),
    ListVersionsByFunction: operation<ListVersionsByFunctionCommandInput, ListVersionsByFunctionCommandOutput>(
      () => sdk.lambda().ListVersionsByFunction$,
      listVersions,
    ),
    DeleteFunction: operation<DeleteFunctionCommandInput, DeleteFunctionCommandOutput>(() => sdk.lambda().DeleteFunction$, deleteVersion),
    SendDurableExecutionCallbackSuccess: operation<
      SendDurableExecutionCallbackSuccessCommandInput,
      SendDurableExecutionCallbackSuccessCommandOutput
    >(() => sdk.lambda().SendDurableExecutionCallbackSuccess$, succeed),
    SendDurableExecutionCallbackFailure: operation<
      SendDurableExecutionCallbackFailureCommandInput,
      SendDurableExecutionCallbackFailureCommandOutput
    >(() => sdk.lambda().SendDurableExecutionCallbackFailure$, fail),
  };
};
