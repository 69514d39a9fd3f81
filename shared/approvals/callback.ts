import { type LambdaClient, SendDurableExecutionCallbackSuccessCommand } from '@aws-sdk/client-lambda';
import type { Tell } from './decide.ts';

/** Permissions of telling; held against the packaged template. */
export const tellPermissions = ['lambda:SendDurableExecutionCallbackSuccess'] as const;

/** The callback timed out or was answered, or its execution is gone. */
const over = new Set(['CallbackTimeoutException', 'ResourceNotFoundException']);

/**
 * Answers a durable execution's callback. The client must not retry by itself: an answer that was lost and sent again would look like
 * one that came too late. https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html
 */
export const createTell =
  (lambda: Pick<LambdaClient, 'send'>): Tell =>
  async (CallbackId, result) => {
    try {
      await lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId, Result: new TextEncoder().encode(result) }));
      return 'told';
    } catch (error) {
      if (over.has((error as { name?: string }).name ?? '')) return 'over';
      throw error;
    }
  };
