import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Timer } from '../aws/deadline.ts';
import { createIncidents } from '../aws/incidents.ts';
import type { Log } from '../aws/log.ts';
import type { Environment } from '../environment.ts';
import { createWidget } from '../widget/index.ts';
import { boundedAs } from './budgets.ts';

export const widgetVariables = { LEDGER_TABLE: z.string().min(1) };

/** Recent incidents on the dashboard. */
export const composeWidget = (
  { LEDGER_TABLE }: Environment<typeof widgetVariables>,
  { dynamodb, log, now, timer }: { dynamodb: DynamoDBClient; log: Log; now: () => number; timer?: Timer },
) => createWidget({ incidents: createIncidents(dynamodb, LEDGER_TABLE), now, log, bounded: boundedAs('dashboardWidget', timer) });
