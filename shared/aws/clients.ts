import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { namingCalls } from './naming.ts';

export type Clients = {
  ec2: EC2Client;
  autoScaling: AutoScalingClient;
  cloudTrail: CloudTrailClient;
  cloudWatch: CloudWatchClient;
  elb: ElasticLoadBalancingV2Client;
  dynamodb: DynamoDBClient;
  sns: SNSClient;
  ssm: SSMClient;
  eventBridge: EventBridgeClient;
  kms: KMSClient;
};

export type ClientConfig = ConstructorParameters<typeof EC2Client>[0] & object;

/** Milliseconds that a call may take. One that hangs must not take the whole invocation with it: it is an uncertain one then. */
const timeouts = { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * How our own calls are told from everybody else's in CloudTrail, whatever role they are made in: the agent ends in `app/selfheal`.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html
 */
export const appId = 'selfheal';

/**
 * The clients that one execution needs. They never retry by themselves: a retry inside a client is invisible to the timeline,
 * repeats an action whose answer was lost, and waits on paid time. The driver retries instead.
 */
export const createClients = (config: ClientConfig): Clients => {
  // Every client takes the same settings, though each names them with a type of its own.
  const settings = { requestHandler: timeouts, userAgentAppId: appId, cacheMiddleware: true, ...config, maxAttempts: 1 } as object;
  const clients: Clients = {
    ec2: new EC2Client(settings),
    autoScaling: new AutoScalingClient(settings),
    cloudTrail: new CloudTrailClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    dynamodb: new DynamoDBClient(settings),
    sns: new SNSClient(settings),
    ssm: new SSMClient(settings),
    eventBridge: new EventBridgeClient(settings),
    kms: new KMSClient(settings),
  };
  for (const client of Object.values(clients)) namingCalls(client);
  return clients;
};
