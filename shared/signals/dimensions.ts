import type { ResourceType } from '../model/resource.ts';

/**
 * The dimensions that name a resource in AWS's own metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
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
 * The namespaces in which a dimension's value must be a valid id. The same dimension exists elsewhere with other values: a contact centre's
 * `InstanceId`, a file system's `VolumeId`, and any StatsD tag sent through the agent.
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

/** Whether an invalid id in this dimension is an error, and not just other text. */
export const mustBeWellFormed = (namespace: string, dimension: string): boolean => owners.get(dimension)?.includes(namespace) ?? false;
