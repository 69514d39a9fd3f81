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

/** The SDK clients of one execution. */
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
  /** The client of a rarely needed service, created on first use. */
  of<Client extends object>(Client: ClientClass<Client>): Client;
};

/**
 * Creates the clients of one execution. They never retry, since the timeline must show every try: the driver retries. `adapt` may change
 * each client.
 */
export const createClients = (
  config: ClientConfig,
  adapt: <Client extends object>(client: Client) => Client = (client) => client,
): Clients => {
  // For SQS only: use the configured endpoint, not the host of the queue URL.
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
      // The map holds an instance of each class under the class.
      return known as Client;
    },
  };
};
