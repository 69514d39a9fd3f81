import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { type Brief, briefOf, type Incident, successorOf } from '../model/incident.ts';
import type { Inbox } from '../ports/inbox.ts';
import type { Log } from '../ports/log.ts';
import type { Started } from '../ports/starter.ts';
import { attempt, explain } from './call.ts';

/** Permissions of the starter's call; held against the packaged template. */
export const starterPermissions = ['lambda:InvokeFunction'] as const;

/**
 * Starts the durable execution of an incident, named by its key. Lambda lets only one execution of a name exist, so any number of
 * deliveries of the same episode come to one. Throws what the SDK throws.
 */
export const createStarter =
  (lambda: LambdaClient, functionName: string, qualifier: string) =>
  async (incident: Incident | Brief): Promise<Started> => {
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

/**
 * Puts what was heard into the incident's inbox, and starts its execution with what every copy has in common. Where the ledger can't be told,
 * the start carries the copy itself. What may act and comes when nobody reads the inbox any more starts a successor. Throws what the SDK
 * throws.
 */
export const createPostedStart =
  (start: ReturnType<typeof createStarter>, inbox: Pick<Inbox, 'post'>, { now, log }: { now: () => number; log: Log }) =>
  async (incident: Incident): Promise<Started> => {
    const posted = await attempt(() => inbox.post(incident, now()));
    if (!posted.ok) {
      log({ level: 'WARN', message: 'not in the inbox', incident: incident.key, error: explain(posted.error) });
      return start(incident);
    }
    if (!posted.value || incident.disposition !== 'remediate') return start(briefOf(incident));
    const next = { ...incident, key: successorOf(incident.key) };
    await inbox.post(next, now());
    return start(briefOf(next));
  };
