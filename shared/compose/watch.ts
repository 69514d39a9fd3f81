import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { createBeats } from '../aws/beats.ts';
import type { Connect } from '../aws/client.ts';
import type { Clients } from '../aws/clients.ts';
import { createDigests } from '../aws/digests.ts';
import { createExecutions } from '../aws/executions.ts';
import { createKillSwitch } from '../aws/kill-switch.ts';
import { createLedger } from '../aws/ledger.ts';
import { createPast } from '../aws/past.ts';
import { createStarter } from '../aws/starter.ts';
import { createWatch } from '../handlers/watch.ts';
import { parseArn } from '../model/arn.ts';
import { rulesOf } from '../model/classification-rules.ts';
import { isSamePlace, type Place } from '../model/place.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import type { Post } from '../ports/post.ts';
import { tellAlive } from '../recovery/alive.ts';
import { lowerConcurrency } from '../recovery/lower-concurrency.ts';
import { removeReaders } from '../recovery/remove-readers.ts';
import { stopMoves } from '../recovery/stop-moves.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';
import { composePolicy } from './policy.ts';
import { composeReporter, reporterVariables } from './reporter.ts';
import { composeSessions, memberVariables } from './sessions.ts';

/** Environment variables of the function. */
export const watchVariables = {
  LEDGER_TABLE: z.string().min(1),
  ...reporterVariables,
  REMEDIATE_FUNCTION: z.string().min(1),
  REMEDIATE_QUALIFIER: z.string().min(1).default('durable'),
  KILL_SWITCH_PARAMETER: z.string().default(''),
  /** The region in which people hear that this deployment has gone silent; none if empty. */
  WATCH_REGION: z.string().default(''),
  SELFHEAL_POLICY: z.string().default(''),
  ...memberVariables,
};

/** The name of sessions in members that belong to no incident: those in which it is counted what has opted in. */
const countingSession = 'count-opted-in';

/** Clients of one account and region. */
export type WatchClients = Pick<Clients, 'ec2' | 'autoScaling' | 'cloudWatch' | 'ssm'> & {
  lambda: LambdaClient;
  sqs: SQSClient;
  rds: RDSClient;
};

type Parts = Pick<Clients, 'sns' | 'eventBridge'> & {
  dynamodb: DynamoDBClient;
  own: WatchClients;
  sts: () => STSClient;
  /** Makes clients of members. */
  connect: Connect<WatchClients>;
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
  { sns, eventBridge, dynamodb, own, sts, connect, log, write, now, timer, post }: Parts,
  { removes }: TakingBack = { removes: removeReaders },
) => {
  const { LEDGER_TABLE, REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER, KILL_SWITCH_PARAMETER, SELFHEAL_POLICY } = environment;
  const { WATCH_REGION, EVENT_BUS: busName, DEPLOYMENT: deployment } = environment;
  const policy = composePolicy(SELFHEAL_POLICY, log);
  const ledger = createLedger(dynamodb, LEDGER_TABLE);
  const digests = createDigests(dynamodb, LEDGER_TABLE);
  const { lambda, ssm } = own;
  const killSwitch = createKillSwitch(ssm, KILL_SWITCH_PARAMETER);
  const sessionIn = composeSessions(environment, { sts, connect, now, switchName: KILL_SWITCH_PARAMETER, killSwitch });
  const home = parseArn(environment.OUTCOME_TOPIC_ARN);
  const inMember = sessionIn && {
    inMember: (place: Place, incident: string) => {
      const { clients, killSwitch } = sessionIn(place, incident);
      return { ...clients, killSwitch };
    },
  };
  const clientsFor = ({ key, account, region }: Place & { key: string }): WatchClients => {
    const isHome = isSamePlace({ account, region }, { account: home?.account ?? '', region: home?.region ?? '' });
    return !sessionIn || isHome ? own : sessionIn({ account, region }, key).clients;
  };
  const bounded = boundedAs('watch', timer);
  const start = createStarter(lambda, REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER);
  const reporter = composeReporter(environment, { sns, eventBridge, ssm, policy, now, timer, post, write });
  const sweeping = { ledger, reporter, ...own, killSwitch, policy, now, bounded, log, ...inMember };
  return createWatch({
    log,
    write,
    namespace: environment.METRICS_NAMESPACE,
    ledger,
    reporter,
    clients: own,
    ...(sessionIn ? { clientsFor } : {}),
    ...(policy.redrive ? { endWork: (record) => stopMoves(record.incident ? clientsFor(record.incident).sqs : own.sqs, record) } : {}),
    executions: createExecutions(lambda, REMEDIATE_FUNCTION),
    heartbeats: {
      beats: createBeats(dynamodb, LEDGER_TABLE),
      watched: policy.beats,
      rules: rulesOf(policy),
      start,
    },
    endsPauses: { start },
    ...(sessionIn ? { tellsMasses: { policy } } : {}),
    ...(WATCH_REGION ? { tellsAlive: () => tellAlive({ eventBridge, busName, deployment, now }) } : {}),
    counts: { past: createPast(dynamodb, LEDGER_TABLE), digests, weekly: policy.digest },
    countsOptedIn: {
      digests,
      own,
      inMember: sessionIn ? (place) => sessionIn(place, countingSession).clients : undefined,
      policy,
    },
    now,
    bounded,
    takeBack: {
      ...(policy.lambda.concurrency ? { reserves: () => lowerConcurrency({ reserves: ledger, ...sweeping }) } : {}),
      ...(policy.readers ? { readers: () => removes({ readers: ledger, ...sweeping }) } : {}),
    },
  });
};
