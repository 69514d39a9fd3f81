import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createBeats } from '../aws/beats.ts';
import type { Clients } from '../aws/clients.ts';
import { createDigests } from '../aws/digests.ts';
import { createExecutions } from '../aws/executions.ts';
import { createKillSwitch } from '../aws/kill-switch.ts';
import { createLedger } from '../aws/ledger.ts';
import { createPast } from '../aws/past.ts';
import { createStarter } from '../aws/starter.ts';
import { createWatch } from '../handlers/watch.ts';
import { rulesOf } from '../model/classification-rules.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import type { Post } from '../ports/post.ts';
import { lowerConcurrency } from '../recovery/lower-concurrency.ts';
import { removeReaders } from '../recovery/remove-readers.ts';
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
  rds: RDSClient;
  log: Log;
  /** Writes a line in CloudWatch's embedded metric format, which must stand alone. */
  write: (line: string) => void;
  now: () => number;
  timer?: Timer;
  /** How servers outside AWS are reached, where not by the network. */
  post?: Post;
};

/** What takes things back, which a test may replace by something broken. */
type TakingBack = { removes: typeof removeReaders };

/** Handles executions that died, and heartbeats that don't come. */
export const composeWatch = (
  environment: Environment<typeof watchVariables>,
  { sns, eventBridge, ec2, autoScaling, cloudWatch, ssm, dynamodb, lambda, sqs, rds, log, write, now, timer, post }: Parts,
  { removes }: TakingBack = { removes: removeReaders },
) => {
  const { LEDGER_TABLE, REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER, KILL_SWITCH_PARAMETER, SELFHEAL_POLICY } = environment;
  const policy = composePolicy(SELFHEAL_POLICY, log);
  const ledger = createLedger(dynamodb, LEDGER_TABLE);
  const killSwitch = createKillSwitch(ssm, KILL_SWITCH_PARAMETER);
  const bounded = boundedAs('watch', timer);
  const start = createStarter(lambda, REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER);
  const reporter = composeReporter(environment, { sns, eventBridge, ssm, policy, now, timer, post, write });
  const sweeping = { ledger, reporter, cloudWatch, killSwitch, policy, now, bounded, log };
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
    counts: { past: createPast(dynamodb, LEDGER_TABLE), digests: createDigests(dynamodb, LEDGER_TABLE), weekly: policy.digest },
    now,
    bounded,
    takeBack: {
      ...(policy.lambda.concurrency ? { reserves: () => lowerConcurrency({ reserves: ledger, lambda, ...sweeping }) } : {}),
      ...(policy.readers ? { readers: () => removes({ readers: ledger, rds, ...sweeping }) } : {}),
    },
  });
};
