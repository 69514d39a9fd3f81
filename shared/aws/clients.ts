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

/** A client's class, as the SDK exports it. */
type ClientClass<Client extends object> = new (settings: never) => Client;

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
  /** The client of a service that few incidents are about: made when it is first asked for. */
  of<Client extends object>(Client: ClientClass<Client>): Client;
};

/**
 * The clients that one execution needs. They never retry by themselves, since the timeline must show every try: the driver retries.
 * `adapt` has the last word on each.
 */
export const createClients = (
  config: ClientConfig,
  adapt: <Client extends object>(client: Client) => Client = (client) => client,
): Clients => {
  // Of SQS's client alone: a queue's URL names a host, and an endpoint that is set has the word.
  const settings = { useQueueUrlAsEndpoint: false, ...config, maxAttempts: 1 };
  const make = <Client extends object>(Client: ClientClass<Client>): Client => adapt(createClient(Client, settings));
  const others = new Map<unknown, object>();
  return {
    ec2: make(EC2Client),
    autoScaling: make(AutoScalingClient),
    cloudTrail: make(CloudTrailClient),
    cloudWatch: make(CloudWatchClient),
    elb: make(ElasticLoadBalancingV2Client),
    dynamodb: make(DynamoDBClient),
    sns: make(SNSClient),
    ssm: make(SSMClient),
    eventBridge: make(EventBridgeClient),
    kms: make(KMSClient),
    of: <Client extends object>(Client: ClientClass<Client>): Client => {
      const known = others.get(Client) ?? make(Client);
      others.set(Client, known);
      // What is kept under a class is an instance of it.
      return known as Client;
    },
  };
};
