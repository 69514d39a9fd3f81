/** What an alarm's dimensions name, and the resource that this comes to. */
export type Target = readonly [dimensions: Readonly<Record<string, string>>, resource: string];

export const nothing: Target = [{}, 'alarm an-alarm'];
export const instance: Target = [{ InstanceId: 'i-0a1b2c3d4e5f60718' }, 'instance i-0a1b2c3d4e5f60718'];
export const volume: Target = [{ VolumeId: 'vol-0123456789abcdef0' }, 'volume vol-0123456789abcdef0'];
export const group: Target = [{ AutoScalingGroupName: 'web' }, 'group web'];
export const ecsService: Target = [{ ClusterName: 'prod', ServiceName: 'checkout' }, 'service prod/checkout'];
export const database: Target = [{ DBInstanceIdentifier: 'orders' }, 'database orders'];
export const domain: Target = [{ DomainName: 'search', ClientId: '111122223333' }, 'database search'];
export const redshift: Target = [{ ClusterIdentifier: 'reports' }, 'database reports'];
export const targetGroup: Target = [
  { TargetGroup: 'targetgroup/web/0123456789abcdef', LoadBalancer: 'app/web/fedcba9876543210' },
  'target-group targetgroup/web/0123456789abcdef',
];
export const loadBalancer: Target = [{ LoadBalancer: 'app/web/fedcba9876543210' }, 'load-balancer app/web/fedcba9876543210'];
export const classicLoadBalancer: Target = [{ LoadBalancerName: 'old-web' }, 'load-balancer old-web'];
export const lambdaFunction: Target = [{ FunctionName: 'checkout' }, 'service checkout'];
export const api: Target = [{ ApiName: 'shop' }, 'service shop'];
export const distribution: Target = [{ DistributionId: 'E2EXAMPLE' }, 'service E2EXAMPLE'];
export const stateMachine: Target = [
  { StateMachineArn: 'arn:aws:states:us-west-2:111122223333:stateMachine:order' },
  'service arn:aws:states:us-west-2:111122223333:stateMachine:order',
];
export const table: Target = [{ TableName: 'orders' }, 'service orders'];
export const topic: Target = [{ TopicName: 'orders' }, 'service orders'];
export const cache: Target = [{ CacheClusterId: 'sessions' }, 'database sessions'];
export const queue: Target = [{ QueueName: 'orders' }, 'queue orders'];
