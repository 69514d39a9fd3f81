import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createBeats } from '../aws/beats.ts';
import type { Clients } from '../aws/clients.ts';
import { createExecutions } from '../aws/executions.ts';
import { createKillSwitch } from '../aws/kill-switch.ts';
import { createLedger } from '../aws/ledger.ts';
import { createStarter } from '../aws/starter.ts';
import { createWatch } from '../handlers/watch.ts';
import { rulesOf } from '../model/classification-rules.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { lowerConcurrency } from '../recovery/lower-concurrency.ts';
import { stopMoves } from '../recovery/stop-moves.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';
import { composePolicy } from './policy.ts';
import { composeReporter, reporterVariables } from './reporter.ts';

/** Environment variables of the function. */
export const watchVariables = {
  LEDGER_TABLE: z.string().min(1),
  ...reporterVariables,
  REMEDIATE_FUNCTION: z.string().min(1),
  REMEDIATE_QUALIFIER: z.string().min(1).default('durable'),
  KILL_SWITCH_PARAMETER: z.string().default(''),
  SELFHEAL_POLICY: z.string().default(''),
};

type Parts = Pick<Clients, 'sns' | 'eventBridge' | 'ec2' | 'autoScaling' | 'cloudWatch' | 'ssm'> & {
  dynamodb: DynamoDBClient;
  lambda: LambdaClient;
  sqs: SQSClient;
  log: Log;
  /** Writes a line in CloudWatch's embedded metric format, which must stand alone. */
  write: (line: string) => void;
  now: () => number;
  timer?: Timer;
};

/** Handles executions that died, and heartbeats that don't come. */
export const composeWatch = (
  environment: Environment<typeof watchVariables>,
  { sns, eventBridge, ec2, autoScaling, cloudWatch, ssm, dynamodb, lambda, sqs, log, write, now, timer }: Parts,
) => {
  const { LEDGER_TABLE, REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER, KILL_SWITCH_PARAMETER, SELFHEAL_POLICY } = environment;
  const policy = composePolicy(SELFHEAL_POLICY, log);
  const ledger = createLedger(dynamodb, LEDGER_TABLE);
  const killSwitch = createKillSwitch(ssm, KILL_SWITCH_PARAMETER);
  const bounded = boundedAs('watch', timer);
  const start = createStarter(lambda, REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER);
  const reporter = composeReporter(environment, { sns, eventBridge, policy, write });
  return createWatch({
    log,
    write,
    namespace: environment.METRICS_NAMESPACE,
    ledger,
    reporter,
    clients: { ec2, autoScaling },
    ...(policy.redrive ? { endWork: (record) => stopMoves(sqs, record) } : {}),
    executions: createExecutions(lambda, REMEDIATE_FUNCTION),
    heartbeats: {
      beats: createBeats(dynamodb, LEDGER_TABLE),
      watched: policy.beats,
      rules: rulesOf(policy),
      start,
    },
    endsPauses: { start },
    now,
    bounded,
    ...(policy.lambda.concurrency
      ? { lower: () => lowerConcurrency({ reserves: ledger, ledger, reporter, lambda, cloudWatch, killSwitch, policy, now, bounded, log }) }
      : {}),
  });
};
