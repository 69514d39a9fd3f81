import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createTell } from '../shared/approval/callback.ts';
import { cachedKeys, readKeys } from '../shared/approval/keys.ts';
import { createApprovalStore } from '../shared/approval/store.ts';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { readEnvironment } from '../shared/environment.ts';
import { createApprove } from '../shared/handlers/approve.ts';

const environment = readEnvironment({
  LEDGER_TABLE: z.string().min(1),
  APPROVAL_SECRET: z.string().min(1),
});
const ssm = new SSMClient({});
const logger = createLogger();
const now = () => Date.now();
/** A write whose answer was lost must not be repeated unseen: it would find itself done, by somebody else as it seems. */
const once = { maxAttempts: 1 };

export const handler = createApprove({
  store: createApprovalStore(new DynamoDBClient(once), environment.LEDGER_TABLE),
  keys: cachedKeys(() => readKeys(ssm, environment.APPROVAL_SECRET), now),
  tell: createTell(new LambdaClient(once)),
  now,
  log: logTo(logger),
}).before(({ context }) => logger.addContext(context));
