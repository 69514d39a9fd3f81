import type { AgentMetric, Watched } from '../../shared/recommended-alarms/watched.ts';

export const topicArn = 'arn:aws:sns:us-east-1:111122223333:selfheal-prod-alarms';
export const instanceId = 'i-0a1b2c3d4e5f60718';

export const disk = (path: string, change: Record<string, string> = {}): AgentMetric => ({
  name: 'disk_used_percent',
  dimensions: { InstanceId: instanceId, path, device: 'nvme0n1p1', fstype: 'xfs', ...change },
});
export const memory: AgentMetric = { name: 'mem_used_percent', dimensions: { InstanceId: instanceId } };

/** One of each. */
export const watched = (change: Partial<Watched> = {}): Watched => ({
  instances: [{ id: instanceId, groupName: null, unwatched: [] }],
  groups: [{ name: 'web', unwatched: [] }],
  targets: [
    {
      targetGroup: 'targetgroup/web/0123456789abcdef',
      loadBalancer: 'app/front/fedcba9876543210',
      namespace: 'AWS/ApplicationELB',
      unwatched: [],
    },
  ],
  queues: [
    { name: 'orders', deadLetters: false, keeps: 345_600, unwatched: [] },
    { name: 'dead', deadLetters: true, keeps: 345_600, unwatched: [] },
  ],
  functions: [{ name: 'resize', alias: 'live', unwatched: [] }],
  services: [{ cluster: 'prod', name: 'checkout', unwatched: [] }],
  agent: [
    memory,
    disk('/'),
    { name: 'LogicalDisk % Free Space', dimensions: { InstanceId: instanceId, instance: 'C:', objectname: 'LogicalDisk' } },
    { name: 'mem_used_percent', dimensions: { AutoScalingGroupName: 'web' } },
  ],
  ...change,
});
