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
import { createApprove } from '../handlers/approve.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';
import { composeExperience } from './experience.ts';

/** Environment variables of the function. */
export const approveVariables = {
  LEDGER_TABLE: z.string().min(1),
  APPROVAL_SECRET: z.string().min(1),
};

/** The approval page. It creates its clients itself, because their limited permissions are part of its security. */
export const composeApprove = (
  { LEDGER_TABLE, APPROVAL_SECRET }: Environment<typeof approveVariables>,
  { config, log, now, timer }: { config: ClientConfig; log: Log; now: () => number; timer?: Timer },
) => {
  const ssm = createClient(SSMClient, { maxAttempts: 3, ...config });
  // Neither this client nor Lambda's retries: after a lost response, the write would look as if someone else had made it.
  const dynamodb = createClient(DynamoDBClient, config);
  const keys = cachedKeys(() => readKeys(ssm, APPROVAL_SECRET), now);
  return createApprove({
    experience: composeExperience(dynamodb, LEDGER_TABLE, timer),
    store: sealing(createApprovalStore(dynamodb, LEDGER_TABLE), keys),
    keys,
    acts: createActs(dynamodb, LEDGER_TABLE),
    completeCallback: createCallbackCompletion(createClient(LambdaClient, config)),
    now,
    log,
    bounded: boundedAs('approve', timer),
  });
};
