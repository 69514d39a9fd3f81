import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Clients } from '../aws/clients.ts';
import { createExecutions } from '../aws/executions.ts';
import { createLedger } from '../aws/ledger.ts';
import { createWatch } from '../handlers/watch.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';
import { composePolicy } from './policy.ts';
import { composeReporter, reporterVariables } from './reporter.ts';

/** Environment variables of the function. */
export const watchVariables = {
  LEDGER_TABLE: z.string().min(1),
  ...reporterVariables,
  REMEDIATE_FUNCTION: z.string().min(1),
  SELFHEAL_POLICY: z.string().default(''),
};

type Parts = Pick<Clients, 'sns' | 'eventBridge' | 'ec2' | 'autoScaling'> & {
  dynamodb: DynamoDBClient;
  lambda: LambdaClient;
  log: Log;
  /** Writes a line in CloudWatch's embedded metric format, which must stand alone. */
  write: (line: string) => void;
  now: () => number;
  timer?: Timer;
};

/** Handles executions that died. */
export const composeWatch = (
  environment: Environment<typeof watchVariables>,
  { sns, eventBridge, ec2, autoScaling, dynamodb, lambda, log, write, now, timer }: Parts,
) =>
  createWatch({
    log,
    write,
    namespace: environment.METRICS_NAMESPACE,
    ledger: createLedger(dynamodb, environment.LEDGER_TABLE),
    reporter: composeReporter(environment, { sns, eventBridge, policy: composePolicy(environment.SELFHEAL_POLICY, log), write }),
    clients: { ec2, autoScaling },
    executions: createExecutions(lambda, environment.REMEDIATE_FUNCTION),
    now,
    bounded: boundedAs('watch', timer),
  });
