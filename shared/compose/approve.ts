import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createTell } from '../approval/callback.ts';
import { cachedKeys, readKeys } from '../approval/keys.ts';
import { sealing } from '../approval/seal.ts';
import { createApprovalStore } from '../approval/store.ts';
import type { ClientConfig } from '../aws/clients.ts';
import type { Log } from '../aws/log.ts';
import type { Environment } from '../environment.ts';
import { createApprove } from '../handlers/approve.ts';

export const approveVariables = {
  LEDGER_TABLE: z.string().min(1),
  APPROVAL_SECRET: z.string().min(1),
};

/** The page on which a person decides. It makes its clients itself, since what they may not do is a matter of its safety. */
export const composeApprove = (
  { LEDGER_TABLE, APPROVAL_SECRET }: Environment<typeof approveVariables>,
  { config, log, now }: { config: ClientConfig; log: Log; now: () => number },
) => {
  /** A write whose answer was lost must not be repeated unseen: it would find itself done, by somebody else as it seems. */
  const once = { ...config, maxAttempts: 1 } as object;
  const ssm = new SSMClient(config as object);
  const keys = cachedKeys(() => readKeys(ssm, APPROVAL_SECRET), now);
  return createApprove({
    store: sealing(createApprovalStore(new DynamoDBClient(once), LEDGER_TABLE), keys),
    keys,
    tell: createTell(new LambdaClient(once)),
    now,
    log,
  });
};
