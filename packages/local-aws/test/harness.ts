import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { WorldOptions } from '../src/core/world.ts';
import { inProcess } from '../src/wire/in-process-transport.ts';

type Handle = Parameters<typeof inProcess>[0];
type ClientConfig = {
  requestHandler?: ReturnType<typeof inProcess>;
  endpoint?: string;
  accessKeyId?: string;
  /** Of a session. */
  sessionToken?: string | undefined;
  region?: string;
  maxAttempts?: number;
};

/** Where the worlds of the tests begin. */
export const worldOptions: WorldOptions = {
  seed: 1,
  start: Date.UTC(2026, 10, 20, 12),
  account: '123456789012',
  region: 'us-east-1',
};

/** One SDK client for each service, which retries nothing. */
export const clients = ({ accessKeyId = 'TESTKEY', sessionToken, region = worldOptions.region, ...how }: ClientConfig) => {
  const credentials = { accessKeyId, secretAccessKey: 'secret', ...(sessionToken === undefined ? {} : { sessionToken }) };
  const config = { region, credentials, maxAttempts: 1, ...how };
  return {
    ec2: new EC2Client(config),
    autoScaling: new AutoScalingClient(config),
    cloudWatch: new CloudWatchClient(config),
    logs: new CloudWatchLogsClient(config),
    eventBridge: new EventBridgeClient(config),
    elb: new ElasticLoadBalancingV2Client(config),
    cloudTrail: new CloudTrailClient(config),
    ssm: new SSMClient(config),
    sts: new STSClient(config),
    iam: new IAMClient(config),
    kms: new KMSClient(config),
    lambda: new LambdaClient(config),
    ecs: new ECSClient(config),
    dynamoDb: new DynamoDBClient(config),
    rds: new RDSClient(config),
    route53: new Route53Client(config),
    sns: new SNSClient(config),
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
  };
};

/** Clients that hand their requests straight to a gateway in this process. */
export const localClients = (handle: Handle, config: Omit<ClientConfig, 'requestHandler' | 'endpoint'> = {}) =>
  clients({ ...config, requestHandler: inProcess(handle) });

/** Where the command line can write to, and what it has written. */
export const recordingIo = () => {
  const written = { stdout: '', stderr: '' };
  const to = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  return { io: { stdout: to('stdout'), stderr: to('stderr'), env: {} }, written };
};

/** What a call was refused with: the code and the HTTP status; fails where it wasn't refused. */
export const refusal = async (call: Promise<unknown>): Promise<{ code: string; status: number | undefined; message: string }> => {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { code: name, status: $metadata?.httpStatusCode, message };
  }
  throw new Error('the call was expected to be refused');
};

/** What an alarm on the status checks of an instance is put with, besides its name. */
export const statusCheck = (instance: string): Omit<PutMetricAlarmCommandInput, 'AlarmName'> => ({
  Namespace: 'AWS/EC2',
  MetricName: 'StatusCheckFailed',
  Dimensions: [{ Name: 'InstanceId', Value: instance }],
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 2,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
});
