import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';

export type Clients = {
  ec2: EC2Client;
  autoScaling: AutoScalingClient;
  cloudWatch: CloudWatchClient;
  elb: ElasticLoadBalancingV2Client;
  dynamodb: DynamoDBClient;
  sns: SNSClient;
  eventBridge: EventBridgeClient;
};

export type ClientConfig = ConstructorParameters<typeof EC2Client>[0] & object;

/**
 * The clients that one execution needs. They never retry by themselves: a retry inside a client is invisible to the timeline,
 * repeats an action whose answer was lost, and waits on paid time. The driver retries instead.
 */
export const createClients = (config: ClientConfig): Clients => {
  // Every client takes the same settings, though each names them with a type of its own.
  const settings = { ...config, maxAttempts: 1 } as object;
  return {
    ec2: new EC2Client(settings),
    autoScaling: new AutoScalingClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    dynamodb: new DynamoDBClient(settings),
    sns: new SNSClient(settings),
    eventBridge: new EventBridgeClient(settings),
  };
};
