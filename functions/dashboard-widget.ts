import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { createIncidents } from '../shared/aws/incidents.ts';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { readEnvironment } from '../shared/environment.ts';
import { createWidget } from '../shared/widget/index.ts';

const environment = readEnvironment({ LEDGER_TABLE: z.string().min(1) });

const logger = createLogger();

export const handler = createWidget({
  incidents: createIncidents(new DynamoDBClient({}), environment.LEDGER_TABLE),
  now: () => Date.now(),
  log: logTo(logger),
}).before(({ context }) => logger.addContext(context));
