import type { ResourceType } from '../failures/verdict.ts';

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

/** Services that give ids of their own form to instances and volumes of their own: a contact centre's `InstanceId` is none of EC2's. */
const ownIds = new Set(['AWS/Connect', 'AWS/OpsWorks', 'AWS/StorageGateway']);

/** Namespaces whose dimensions mean what AWS says they mean: the services' own and the CloudWatch agent's. */
export const isAwsNamespace = (namespace: string): boolean => {
  return (namespace.startsWith('AWS/') && !ownIds.has(namespace)) || namespace === 'CWAgent' || namespace.startsWith('System/');
};
