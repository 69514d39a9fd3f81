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

const named = {
  ec2: EC2Client,
  autoScaling: AutoScalingClient,
  cloudTrail: CloudTrailClient,
  cloudWatch: CloudWatchClient,
  elb: ElasticLoadBalancingV2Client,
  dynamodb: DynamoDBClient,
  sns: SNSClient,
  ssm: SSMClient,
  eventBridge: EventBridgeClient,
  kms: KMSClient,
};

/** The SDK clients of one execution. Each is created on first use. */
export type Clients = { readonly [Name in keyof typeof named]: InstanceType<(typeof named)[Name]> } & {
  /** The CloudWatch of the incident's alarm: another one where one account watches others. */
  readonly alarms: CloudWatchClient;
  /** The client of a service that few incidents need. */
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
  const created = new Map<unknown, object>();
  const of = <Client extends object>(Client: ClientClass<Client>): Client => {
    const client = created.get(Client) ?? adapt(createClient(Client, settings));
    created.set(Client, client);
    // The map holds an instance of each class under the class.
    return client as Client;
  };
  const getters = Object.entries(named).map(([name, Client]) => [name, { get: () => of<object>(Client), enumerable: true }]);
  const alarms = { get: () => of(CloudWatchClient), enumerable: true };
  return Object.defineProperties({ of }, { ...Object.fromEntries(getters), alarms }) as Clients;
};

/** The same clients, but for the CloudWatch of the alarm. */
export const withAlarmsOf = (clients: Clients, other: Pick<Clients, 'cloudWatch'>): Clients =>
  Object.defineProperties(Object.create(clients), { alarms: { get: () => other.cloudWatch, enumerable: true } });
