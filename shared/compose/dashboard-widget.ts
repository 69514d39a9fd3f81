import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { createIncidents } from '../aws/incidents.ts';
import type { Log } from '../aws/log.ts';
import type { Environment } from '../environment.ts';
import { createWidget } from '../widget/index.ts';

export const widgetVariables = { LEDGER_TABLE: z.string().min(1) };

/** Recent incidents on the dashboard. */
export const composeWidget = (
  { LEDGER_TABLE }: Environment<typeof widgetVariables>,
  { dynamodb, log, now }: { dynamodb: DynamoDBClient; log: Log; now: () => number },
) => createWidget({ incidents: createIncidents(dynamodb, LEDGER_TABLE), now, log });
