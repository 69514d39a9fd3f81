import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { isNamed } from '../model/errors.ts';
import { type Brief, briefOf, type Incident, successorOf } from '../model/incident.ts';
import type { Inbox } from '../ports/inbox.ts';
import type { Log } from '../ports/log.ts';
import type { Started } from '../ports/starter.ts';
import { attempt, explain } from './call.ts';

/** IAM actions of the call. A test compares them with the packaged template. */
export const starterPermissions = ['lambda:InvokeFunction'] as const;

/**
 * Starts the durable execution of an incident, named by its key. Lambda allows one execution per name, so any number of deliveries of an
 * episode start one.
 * @throws whatever the SDK throws
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
      // A different payload under the same name is the same episode from another source, such as SNS and EventBridge.
      if (isNamed(error, 'DurableExecutionAlreadyStartedException')) return 'joined';
      throw error;
    }
  };

/**
 * Posts an incident to its inbox and starts its execution with what all copies have in common. If the ledger is unavailable, the execution
 * starts with the copy itself. An actionable copy that arrives after the inbox was closed starts a successor.
 * @throws whatever the SDK throws
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
