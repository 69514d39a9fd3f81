import type {
  InvokeCommandInput,
  InvokeCommandOutput,
  ListDurableExecutionsByFunctionCommandInput,
  ListDurableExecutionsByFunctionCommandOutput,
  SendDurableExecutionCallbackFailureCommandInput,
  SendDurableExecutionCallbackFailureCommandOutput,
  SendDurableExecutionCallbackSuccessCommandInput,
  SendDurableExecutionCallbackSuccessCommandOutput,
} from '@aws-sdk/client-lambda';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { InvocationResult, LambdaHooks } from '../model/hooks.ts';
import { versionOf } from '../model/hosted.ts';
import { parseFunctionName } from '../model/name.ts';
import type { Invoker } from './invoked.ts';

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

const answer = ({ payload, error, durableExecutionArn, version = '$LATEST' }: InvocationResult) => ({
  StatusCode: 200,
  ExecutedVersion: version,
  Payload: new TextEncoder().encode(JSON.stringify(error ?? payload ?? null)) as NonNullable<InvokeCommandOutput['Payload']>,
  ...(error && { FunctionError: 'Unhandled' }),
  ...(durableExecutionArn && { DurableExecutionArn: durableExecutionArn }),
});

/** Invoke, the answers to callbacks, and executions. */
export const executionOperations = (
  world: World,
  { onCallback, executions }: { [Hook in 'onCallback' | 'executions']-?: NonNullable<LambdaHooks[Hook]> },
  invoked: Invoker,
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
    const result = await invoked({ functionName: name, qualifier, type, executionName: input.DurableExecutionName, payload });
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
  return {
    Invoke: operation<InvokeCommandInput, InvokeCommandOutput>(() => sdk.lambda().Invoke$, invoke),
    ListDurableExecutionsByFunction: operation<ListDurableExecutionsByFunctionCommandInput, ListDurableExecutionsByFunctionCommandOutput>(
      () => sdk.lambda().ListDurableExecutionsByFunction$,
      listExecutions,
    ),
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
