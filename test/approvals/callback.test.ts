import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, test } from '@jest/globals';
import { callbackPermissions, createCallbackCompletion } from '../../shared/approvals/callback.ts';
import { type Answer, recordingClients, sdkError } from '../aws/recorder.ts';

const setUp = (answer: Answer) => {
  const { calls, config, watch } = recordingClients(() => answer);
  return { calls, completeCallback: createCallbackCompletion(watch(new LambdaClient({ ...config, maxAttempts: 1 } as never))) };
};

describe('telling the incident', () => {
  test('answers the callback with the bytes of the answer', async () => {
    const { completeCallback, calls } = setUp({ output: {} });
    expect(await completeCallback('Y2Fs+/w==', '{"decision":"approve"}')).toBe('delivered');
    expect(calls.map(({ permission }) => permission)).toEqual([...callbackPermissions]);
    expect(calls[0]?.input).toEqual({ CallbackId: 'Y2Fs+/w==', Result: new TextEncoder().encode('{"decision":"approve"}') });
  });

  test.each(['CallbackTimeoutException', 'ResourceNotFoundException'])('finds it over at %s', async (name) => {
    expect(await setUp(sdkError(name, 400)).completeCallback('x', '{}')).toBe('over');
  });

  test.each(['TooManyRequestsException', 'ServiceException', 'AccessDeniedException', 'TimeoutError'])('throws %s', async (name) => {
    await expect(setUp(sdkError(name)).completeCallback('x', '{}')).rejects.toMatchObject({ name });
  });
});
