import {
  InvokeCommand,
  SendDurableExecutionCallbackFailureCommand,
  SendDurableExecutionCallbackSuccessCommand,
} from '@aws-sdk/client-lambda';
import { describe, expect, test } from '@jest/globals';
import { createGateway } from '../../local/gateway.ts';
import { createLambda, type Invocation, type OnInvoke } from '../../local/lambda/index.ts';
import { AwsError } from '../../local/protocol/errors.ts';
import { createWorld } from '../../local/world/world.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

const setUp = (onInvoke: OnInvoke) => {
  const world = createWorld(worldOptions);
  const lambda = createLambda(world, onInvoke);
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
  const { handle } = createGateway(world, [createLambda(world, undefined, onCallback).service]);
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
