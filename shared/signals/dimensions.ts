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

/** Namespaces whose dimensions mean what AWS says they mean: the services' own and the CloudWatch agent's. */
export const isAwsNamespace = (namespace: string): boolean => {
  return namespace.startsWith('AWS/') || namespace === 'CWAgent' || namespace.startsWith('System/');
};
