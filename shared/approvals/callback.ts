import { type LambdaClient, SendDurableExecutionCallbackSuccessCommand } from '@aws-sdk/client-lambda';
import { isNamed } from '../model/errors.ts';
import type { CompleteCallback } from './decide.ts';

/** IAM actions of the call. A test compares them with the packaged template. */
export const callbackPermissions = ['lambda:SendDurableExecutionCallbackSuccess'] as const;

/** The callback timed out, was answered, or its execution is gone. */
const endedErrors = ['CallbackTimeoutException', 'ResourceNotFoundException'];

/**
 * Completes a durable execution's callback. The client must not retry: after a lost response, the retry would look as if it came too late.
 * https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html
 */
export const createCallbackCompletion =
  (lambda: Pick<LambdaClient, 'send'>): CompleteCallback =>
  async (CallbackId, result) => {
    try {
      await lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId, Result: new TextEncoder().encode(result) }));
      return 'delivered';
    } catch (error) {
      if (isNamed(error, ...endedErrors)) return 'over';
      throw error;
    }
  };
