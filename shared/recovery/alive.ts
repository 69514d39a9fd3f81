import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Clients } from '../aws/clients.ts';
import { aliveDetailType, source } from '../notifications/published.ts';

export type AliveDeps = {
  eventBridge: Clients['eventBridge'];
  busName: string;
  /** The name prefix of this deployment, such as `selfheal-prod`. */
  deployment: string;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** Says on the bus that this deployment works: a rule leads it to another region, where its absence is an alarm. */
export const tellAlive = async ({ eventBridge, busName, deployment, now }: AliveDeps): Promise<void> => {
  const Time = new Date(now());
  const Detail = JSON.stringify({ version: '1', deployment });
  const { FailedEntryCount, Entries } = await eventBridge.send(
    new PutEventsCommand({
      Entries: [{ EventBusName: busName, Source: source, DetailType: aliveDetailType, Time, Resources: [], Detail }],
    }),
  );
  // PutEvents reports a rejected entry in a response with status 200.
  if (FailedEntryCount) throw new Error(`EventBridge refused the sign of life: ${Entries?.[0]?.ErrorCode}: ${Entries?.[0]?.ErrorMessage}`);
};
