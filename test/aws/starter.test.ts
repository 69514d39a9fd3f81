import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, test } from '@jest/globals';
import { createStarter, starterPermissions } from '../../shared/aws/starter.ts';
import { incident } from '../remediation/examples.ts';
import { type Answer, recordingClients, sdkError } from './recorder.ts';

const setUp = (answer: Answer = { status: 202, body: '', type: 'application/json' }) => {
  const { calls, config, watch } = recordingClients(() => answer);
  const lambda = watch(new LambdaClient({ ...config, maxAttempts: 1 } as ConstructorParameters<typeof LambdaClient>[0] & object));
  return { calls, start: createStarter(lambda, 'selfheal-remediate', 'durable') };
};

describe('starting an incident', () => {
  test('invokes the qualified function asynchronously, as an execution named by the incident', async () => {
    const { calls, start } = setUp();
    expect(await start(incident())).toBe('started');
    expect(calls).toHaveLength(1);
    expect(calls[0]?.input).toMatchObject({
      FunctionName: 'selfheal-remediate',
      Qualifier: 'durable',
      InvocationType: 'Event',
      DurableExecutionName: incident().key,
    });
    expect(JSON.parse(new TextDecoder().decode(calls[0]?.input.Payload as Uint8Array))).toEqual(incident());
    expect(starterPermissions).toEqual(['lambda:InvokeFunction']);
  });

  test('joins an execution of that name with another payload', async () => {
    const { start } = setUp(sdkError('DurableExecutionAlreadyStartedException', 409));
    expect(await start(incident())).toBe('joined');
  });

  test.each(['TooManyRequestsException', 'ResourceNotFoundException', 'AccessDeniedException'])('throws %s', async (name) => {
    const { start } = setUp(sdkError(name, 400));
    await expect(start(incident())).rejects.toMatchObject({ name });
  });
});
