import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createClient } from '../../shared/aws/client.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { Deployment } from '../operate/deployment.ts';
import { placedAt } from './placed.ts';

export type SubjectOptions = {
  optIn: Policy['optIn'];
  /** The clock of this machine. */
  wall?: () => number;
  /** How long an event may be on its way, in milliseconds. */
  patienceMs?: number;
};

/** Who is asked, where that is, and by how much its clock differs from this machine's. */
const askWho = async (config: object, wall: () => number) => {
  const sts = createClient(STSClient, config);
  let date: string | undefined;
  sts.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.date;
      return result;
    },
    { step: 'deserialize', name: 'readDate' },
  );
  const before = wall();
  const { Arn = '', Account = '' } = await sts.send(new GetCallerIdentityCommand({}));
  const [, partition = 'aws'] = Arn.split(':');
  const told = Date.parse(date ?? '');
  // It was told somewhere between asking and hearing, in whole seconds.
  const skewMs = Number.isNaN(told) ? null : Math.round((before + wall()) / 2 - told - 500);
  return { account: Account, partition, region: await sts.config.region(), skewMs };
};

/** A deployment with everything that is looked at besides its table and its switch. */
export const createSubject = async (deployment: Deployment, { optIn, wall = Date.now, patienceMs = 60_000 }: SubjectOptions) => {
  const { stage, names, ssm } = deployment;
  // For SQS only: use the configured endpoint, not the host of the queue URL.
  const config = { useQueueUrlAsEndpoint: false, ...deployment.config, maxAttempts: 3 };
  const who = await askWho(config, wall);
  const placed = placedAt(who, config, { stage, names, ssm, optIn, redeploy: redeployOf(stage), place: { aws: '', own: '' } });
  const { nameOf, arn } = placed;
  return {
    ...placed,
    skewMs: who.skewMs,
    deployment,
    wall,
    patienceMs,
    functionArn: (part: string) => arn('lambda', `function:${nameOf(part)}`),
    topicArn: (part: string) => arn('sns', nameOf(part)),
    lambda: createClient(LambdaClient, config),
    sns: createClient(SNSClient, config),
    kms: createClient(KMSClient, config),
    logs: createClient(CloudWatchLogsClient, config),
  };
};

export type Subject = Awaited<ReturnType<typeof createSubject>>;

/** A deployment alone doesn't look at what it has made before. */
const redeployOf = (stage: string): string =>
  stage === 'local' ? 'npx selfheal aws --deployed' : `bash tools/revert-drift.sh selfheal-${stage}`;
