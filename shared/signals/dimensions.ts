import type { ResourceType } from '../model/resource.ts';

/**
 * The dimensions in which AWS's own metrics name a resource.
 * docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
 */
export const dimensionTypes: ReadonlyMap<string, ResourceType> = new Map([
  ['InstanceId', 'instance'],
  ['VolumeId', 'volume'],
  ['AutoScalingGroupName', 'group'],
  ['TargetGroup', 'target-group'],
  ['LoadBalancer', 'load-balancer'],
  ['LoadBalancerName', 'load-balancer'],
  ['DBInstanceIdentifier', 'database'],
  ['DBClusterIdentifier', 'database'],
  ['CacheClusterId', 'database'],
  ['DomainName', 'database'],
  ['ClusterIdentifier', 'database'],
  ['QueueName', 'queue'],
  ['CanaryName', 'canary'],
  ['CertificateArn', 'certificate'],
  ['FunctionName', 'service'],
  ['ApiName', 'service'],
  ['ApiId', 'service'],
  ['StateMachineArn', 'service'],
  ['DistributionId', 'service'],
  ['TableName', 'service'],
  ['TopicName', 'service'],
  ['StreamName', 'service'],
  ['Broker', 'queue'],
]);

const machines = ['AWS/EC2', 'CWAgent', 'System/Linux', 'System/Windows'];
const balancers = ['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB'];
const clusters = ['AWS/RDS', 'AWS/DocDB', 'AWS/Neptune'];

/**
 * The namespaces in which a dimension's value must have the form of an id. A form belongs to a service: a contact centre's `InstanceId`, a
 * file system's `VolumeId` and whatever tags people send through the agent's StatsD are none of these.
 */
const owners: ReadonlyMap<string, readonly string[]> = new Map([
  ['InstanceId', machines],
  ['AutoScalingGroupName', [...machines, 'AWS/AutoScaling']],
  ['VolumeId', ['AWS/EBS', 'AWS/EC2']],
  ['TargetGroup', balancers],
  ['LoadBalancer', balancers],
  ['LoadBalancerName', ['AWS/ELB']],
  ['DBInstanceIdentifier', clusters],
  ['DBClusterIdentifier', clusters],
  ['CacheClusterId', ['AWS/ElastiCache']],
  ['DomainName', ['AWS/ES']],
  ['ClusterIdentifier', ['AWS/Redshift']],
  ['QueueName', ['AWS/SQS']],
  ['CertificateArn', ['AWS/CertificateManager']],
  ['FunctionName', ['AWS/Lambda']],
  ['ApiName', ['AWS/ApiGateway']],
  ['ApiId', ['AWS/ApiGateway']],
  ['StateMachineArn', ['AWS/States']],
  ['DistributionId', ['AWS/CloudFront']],
  ['TableName', ['AWS/DynamoDB']],
  ['TopicName', ['AWS/SNS']],
  ['StreamName', ['AWS/Kinesis']],
  ['Broker', ['AWS/AmazonMQ']],
]);

/** Whether a value that isn't an id of the dimension's type is malformed there, and not just somebody's text. */
export const mustBeWellFormed = (namespace: string, dimension: string): boolean => owners.get(dimension)?.includes(namespace) ?? false;
