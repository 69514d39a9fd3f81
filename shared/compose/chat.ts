import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createCallbackCompletion } from '../approvals/callback.ts';
import { cachedKeys, readKeys } from '../approvals/keys.ts';
import { sealing } from '../approvals/seal.ts';
import { createApprovalStore } from '../approvals/store.ts';
import { createActs } from '../aws/acts.ts';
import { type ClientConfig, createClient } from '../aws/client.ts';
import { createLedger } from '../aws/ledger.ts';
import { createChat } from '../handlers/chat.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { approveVariables } from './approve.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';

/** Environment variables of the function. */
export const chatVariables = {
  ...approveVariables,
  /** The id of the channel that may answer. */
  CHAT_CHANNEL: z.string().min(1),
};

/** The buttons of a chat. */
export const composeChat = (
  { LEDGER_TABLE, APPROVAL_SECRET, CHAT_CHANNEL }: Environment<typeof chatVariables>,
  { config, log, now, timer }: { config: ClientConfig; log: Log; now: () => number; timer?: Timer },
) => {
  const ssm = createClient(SSMClient, { maxAttempts: 3, ...config });
  const keys = cachedKeys(() => readKeys(ssm, APPROVAL_SECRET), now);
  // These clients don't retry: after a lost response, the write would look as if someone else had made it.
  const dynamodb = createClient(DynamoDBClient, config);
  const ledger = createLedger(dynamodb, LEDGER_TABLE);
  return createChat({
    store: sealing(createApprovalStore(dynamodb, LEDGER_TABLE), keys),
    acts: createActs(dynamodb, LEDGER_TABLE),
    readIncident: (key) => ledger.read(key),
    completeCallback: createCallbackCompletion(createClient(LambdaClient, config)),
    channel: CHAT_CHANNEL,
    now,
    log,
    bounded: boundedAs('chat', timer),
  });
};
