import {
  DeleteFunctionCommand,
  InvokeCommand,
  ListDurableExecutionsByFunctionCommand,
  ListVersionsByFunctionCommand,
  SendDurableExecutionCallbackFailureCommand,
  SendDurableExecutionCallbackSuccessCommand,
} from '@aws-sdk/client-lambda';
import { describe, expect, test } from '@jest/globals';
import { createWorld } from '../src/core/world.ts';
import { createLambda } from '../src/services/lambda/index.ts';
import type { Invocation, OnInvoke } from '../src/services/lambda/model/hooks.ts';
import { createGateway } from '../src/wire/gateway.ts';
import { AwsError } from '../src/wire/protocol/errors.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

const setUp = (onInvoke: OnInvoke) => {
  const world = createWorld(worldOptions);
  const lambda = createLambda(world, { onInvoke });
  const { handle } = createGateway(world, [lambda.service]);
  return { lambda, client: localClients(handle).lambda };
};

const recorder = () => {
  const seen: Invocation[] = [];
  const onInvoke: OnInvoke = (invocation) => {
    seen.push(invocation);
    return invocation.functionName === 'known' ? { payload: { echo: invocation.payload } } : undefined;
  };
  return { seen, ...setUp(onInvoke) };
};

const text = (payload: Uint8Array | undefined) => new TextDecoder().decode(payload);

// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
describe('Lambda Invoke', () => {
  test('answers a synchronous invocation with what the function returned', async () => {
    const { client } = recorder();
    const answer = await client.send(new InvokeCommand({ FunctionName: 'known', Payload: '{"a":1}' }));
    expect(answer.StatusCode).toBe(200);
    expect(JSON.parse(text(answer.Payload))).toEqual({ echo: { a: 1 } });
    expect(answer.FunctionError).toBeUndefined();
  });

  test('answers an asynchronous one with 202 and hands over the durable execution name and the qualifier', async () => {
    const { client, seen } = recorder();
    const input = {
      FunctionName: 'known',
      Qualifier: 'durable',
      InvocationType: 'Event',
      DurableExecutionName: 'incident-1',
      Payload: '{}',
    } as const;
    expect((await client.send(new InvokeCommand(input))).StatusCode).toBe(202);
    expect(seen).toEqual([{ functionName: 'known', qualifier: 'durable', type: 'Event', executionName: 'incident-1', payload: {} }]);
  });

  test.each([
    ['arn:aws:lambda:us-east-1:123456789012:function:known', undefined],
    ['arn:aws:lambda:us-east-1:123456789012:function:known:7', '7'],
    ['123456789012:function:known', undefined],
    ['known:$LATEST', '$LATEST'],
  ])('takes the function name %s', async (name, qualifier) => {
    const { client, seen } = recorder();
    await client.send(new InvokeCommand({ FunctionName: name }));
    expect(seen[0]).toMatchObject({ functionName: 'known', qualifier });
  });

  test('only checks a dry run', async () => {
    const { client, seen } = recorder();
    expect((await client.send(new InvokeCommand({ FunctionName: 'known', InvocationType: 'DryRun' }))).StatusCode).toBe(204);
    expect(seen).toEqual([]);
  });

  test('says what a function threw', async () => {
    const { client } = setUp(() => ({ error: { errorType: 'TypeError', errorMessage: 'no' } }));
    const answer = await client.send(new InvokeCommand({ FunctionName: 'known' }));
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(text(answer.Payload))).toEqual({ errorType: 'TypeError', errorMessage: 'no' });
  });

  test('refuses an unknown function with 404', async () => {
    const { client } = recorder();
    expect(await refusal(client.send(new InvokeCommand({ FunctionName: 'unknown' })))).toEqual({
      code: 'ResourceNotFoundException',
      status: 404,
      message: 'Function not found: arn:aws:lambda:us-east-1:123456789012:function:unknown',
    });
  });

  test.each([
    [{ FunctionName: 'no name' }, 'ValidationException', 400],
    [{ FunctionName: 'known:1', Qualifier: '2' }, 'InvalidParameterValueException', 400],
    [{ FunctionName: 'known', InvocationType: 'Later' as 'Event' }, 'InvalidParameterValueException', 400],
    [{ FunctionName: 'known', Payload: '{no json' }, 'InvalidRequestContentException', 400],
    [{ FunctionName: 'known', InvocationType: 'Event' as const, Payload: `"${'x'.repeat(1024 * 1024)}"` }, 'RequestTooLargeException', 413],
  ])('refuses case %#', async (input, code, status) => {
    const { client, seen } = recorder();
    expect(await refusal(client.send(new InvokeCommand(input)))).toMatchObject({ code, status });
    expect(seen).toEqual([]);
  });

  test('passes on what the host refuses', async () => {
    const { client } = setUp(() => {
      throw new AwsError('DurableExecutionAlreadyStartedException', 'The execution was started with another payload.', 409);
    });
    expect(await refusal(client.send(new InvokeCommand({ FunctionName: 'known' })))).toMatchObject({
      code: 'DurableExecutionAlreadyStartedException',
      status: 409,
    });
  });

  test('refuses a path that is no operation', async () => {
    const world = createWorld(worldOptions);
    const { handle } = createGateway(world, [createLambda(world).service]);
    const authorization = 'AWS4-HMAC-SHA256 Credential=K/20261120/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0';
    const answer = await handle({ method: 'GET', path: '/2015-03-31/functions/', query: '', headers: { authorization }, body: '' });
    expect(answer).toMatchObject({ status: 404, headers: { 'x-amzn-errortype': 'UnknownOperationException' } });
  });

  test('delivers events to a function, and says where there is none', async () => {
    const { lambda, seen } = recorder();
    expect(await lambda.deliver('arn:aws:lambda:us-east-1:123456789012:function:known:live', { detail: 1 })).toBe(true);
    expect(seen[0]).toMatchObject({ qualifier: 'live', type: 'Event', payload: { detail: 1 } });
    expect(await lambda.deliver('arn:aws:lambda:us-east-1:123456789012:function:unknown', {})).toBe(false);
  });
});

// https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html
test('a callback is answered once, with a result or an error', async () => {
  const answers: unknown[] = [];
  const world = createWorld(worldOptions);
  const onCallback = (callbackId: string, answer: unknown) => answers.push([callbackId, answer]) <= 2;
  const { handle } = createGateway(world, [createLambda(world, { onCallback }).service]);
  const { lambda } = localClients(handle);
  const succeed = () =>
    lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId: 'a/b', Result: new TextEncoder().encode('"yes"') }));
  await succeed();
  await lambda.send(new SendDurableExecutionCallbackFailureCommand({ CallbackId: 'c', Error: { ErrorMessage: 'no' } }));
  expect(answers).toEqual([
    ['a/b', { result: '"yes"' }],
    ['c', { error: 'no' }],
  ]);
  expect(await refusal(succeed())).toMatchObject({ code: 'CallbackTimeoutException', status: 400 });
});

// https://docs.aws.amazon.com/lambda/latest/api/API_ListDurableExecutionsByFunction.html
describe('Lambda ListDurableExecutionsByFunction', () => {
  const started = Date.parse('2026-03-02T09:00:00Z');
  const execution = (n: number, status: 'RUNNING' | 'FAILED' | 'STOPPED', functionName = 'known') => ({
    name: `e${n}`,
    arn: `arn:aws:lambda:us-east-1:111122223333:function:${functionName}:1/durable-execution/e${n}/x`,
    functionName,
    status,
    startedAt: started + n * 1000,
    endedAt: status === 'RUNNING' ? undefined : started + n * 2000,
  });
  const all = [
    execution(1, 'RUNNING'),
    execution(2, 'FAILED'),
    execution(3, 'STOPPED'),
    execution(4, 'FAILED', 'other'),
    execution(5, 'FAILED'),
  ];
  const list = async (input: object) => {
    const world = createWorld(worldOptions);
    const { handle } = createGateway(world, [createLambda(world, { executions: () => all }).service]);
    const { lambda } = localClients(handle);
    const { DurableExecutions = [], NextMarker } = await lambda.send(
      new ListDurableExecutionsByFunctionCommand({ FunctionName: 'known', ...input }),
    );
    return { names: DurableExecutions.map(({ DurableExecutionName }) => DurableExecutionName), NextMarker, DurableExecutions };
  };

  test("lists a function's own, by status, by their start, and from the end", async () => {
    expect((await list({})).names).toEqual(['e1', 'e2', 'e3', 'e5']);
    expect((await list({ Statuses: ['FAILED', 'STOPPED'] })).names).toEqual(['e2', 'e3', 'e5']);
    expect((await list({ StartedAfter: new Date(started + 2000) })).names).toEqual(['e3', 'e5']);
    expect((await list({ StartedBefore: new Date(started + 2000) })).names).toEqual(['e1']);
    expect((await list({ ReverseOrder: true })).names).toEqual(['e5', 'e3', 'e2', 'e1']);
  });

  test('lists those of a version, and the versions that there are', async () => {
    expect((await list({ Qualifier: '1' })).names).toEqual(['e1', 'e2', 'e3', 'e5']);
    expect((await list({ Qualifier: '$LATEST' })).names).toEqual([]);
    const world = createWorld(worldOptions);
    const { handle } = createGateway(world, [createLambda(world, { executions: () => all }).service]);
    const versions = async (FunctionName: string) => {
      const { Versions = [] } = await localClients(handle).lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
      return Versions.map(({ Version }) => Version);
    };
    expect(await versions('known')).toEqual(['$LATEST', '1']);
    expect(await versions('unused')).toEqual(['$LATEST']);
  });

  test('tells when one began and ended, and goes on where a page stopped', async () => {
    const first = await list({ Qualifier: 'durable', MaxItems: 2 });
    expect(first.DurableExecutions).toEqual([
      expect.objectContaining({ Status: 'RUNNING', StartTimestamp: new Date(started + 1000) }),
      expect.objectContaining({ Status: 'FAILED', EndTimestamp: new Date(started + 4000) }),
    ]);
    const second = await list({ MaxItems: 2, Marker: first.NextMarker });
    expect(second).toMatchObject({ names: ['e3', 'e5'], NextMarker: undefined });
  });
});

// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
test('a version that is deleted is there no more, and a whole function is never deleted', async () => {
  const world = createWorld(worldOptions);
  const at = world.clock.now();
  const execution = (version: string) => ({
    ...{ name: `e${version}`, functionName: 'known', status: 'FAILED' as const, startedAt: at, endedAt: at },
    arn: `arn:aws:lambda:us-east-1:123456789012:function:known:${version}/durable-execution/e/x`,
  });
  const lambda = createLambda(world, { executions: () => [execution('1'), execution('2')] });
  const { lambda: client } = localClients(createGateway(world, [lambda.service]).handle);
  const versions = async () =>
    (await client.send(new ListVersionsByFunctionCommand({ FunctionName: 'known' }))).Versions?.map(({ Version }) => Version);
  expect(await versions()).toEqual(['$LATEST', '1', '2']);
  await client.send(new DeleteFunctionCommand({ FunctionName: 'known', Qualifier: '1' }));
  expect(await versions()).toEqual(['$LATEST', '2']);
  expect(await client.send(new DeleteFunctionCommand({ FunctionName: 'known', Qualifier: '1' }))).toMatchObject({ StatusCode: 204 });
  await expect(client.send(new DeleteFunctionCommand({ FunctionName: 'known' }))).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
});
