import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { createIncidents } from '../aws/incident-archive.ts';
import { createWidget } from '../dashboard/index.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';

/** Environment variables of the function. */
export const widgetVariables = { LEDGER_TABLE: z.string().min(1) };

/** The dashboard widget with recent incidents. */
export const composeWidget = (
  { LEDGER_TABLE }: Environment<typeof widgetVariables>,
  { dynamodb, log, now, timer }: { dynamodb: DynamoDBClient; log: Log; now: () => number; timer?: Timer },
) => createWidget({ incidents: createIncidents(dynamodb, LEDGER_TABLE), now, log, bounded: boundedAs('dashboardWidget', timer) });
