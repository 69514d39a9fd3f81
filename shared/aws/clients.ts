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
import { type ClientConfig, createClient } from './client.ts';

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

/** The clients that one execution needs. They never retry by themselves, since the timeline must show every try: the driver retries. */
export const createClients = (config: ClientConfig): Clients => {
  const settings = { ...config, maxAttempts: 1 };
  return {
    ec2: createClient(EC2Client, settings),
    autoScaling: createClient(AutoScalingClient, settings),
    cloudTrail: createClient(CloudTrailClient, settings),
    cloudWatch: createClient(CloudWatchClient, settings),
    elb: createClient(ElasticLoadBalancingV2Client, settings),
    dynamodb: createClient(DynamoDBClient, settings),
    sns: createClient(SNSClient, settings),
    ssm: createClient(SSMClient, settings),
    eventBridge: createClient(EventBridgeClient, settings),
    kms: createClient(KMSClient, settings),
  };
};
