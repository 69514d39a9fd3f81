import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Incident } from '../incident/incident.ts';

/** `joined`: an execution of that name exists already, so this is a redelivery of an episode that is known. */
export type Started = 'started' | 'joined';

/** Permissions of the starter's call; held against the packaged template. */
export const starterPermissions = ['lambda:InvokeFunction'] as const;

/**
 * Starts the durable execution of an incident, named by its key. Lambda lets only one execution of a name exist, so any number of
 * deliveries of the same episode come to one. Throws what the SDK throws.
 */
export const createStarter =
  (lambda: LambdaClient, functionName: string, qualifier: string) =>
  async (incident: Incident): Promise<Started> => {
    try {
      await lambda.send(
        new InvokeCommand({
          FunctionName: functionName,
          Qualifier: qualifier,
          InvocationType: 'Event',
          DurableExecutionName: incident.key,
          Payload: new TextEncoder().encode(JSON.stringify(incident)),
        }),
      );
      return 'started';
    } catch (error) {
      // Another payload under the same name is another telling of the same episode (by SNS and by EventBridge, say).
      if ((error as { name?: string }).name === 'DurableExecutionAlreadyStartedException') return 'joined';
      throw error;
    }
  };
