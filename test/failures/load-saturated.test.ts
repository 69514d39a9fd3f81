import { describe, expect, test } from '@jest/globals';
import { loadSaturated } from '../../shared/failures/load-saturated.ts';
import { readEvent } from '../../shared/failures/read.ts';
import { parseClassification } from '../../shared/failures/rules.ts';
import { alarm, alarmEvent } from '../signals/fixtures.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import {
  cache,
  classicLoadBalancer,
  database,
  domain,
  ecsService,
  group,
  instance,
  lambdaFunction,
  loadBalancer,
  nothing,
  redshift,
  targetGroup,
} from './targets.ts';

describe('load-saturated', () => {
  const metrics: MetricClaim[] = [
    [
      ['AWS/EC2'],
      ['CPUUtilization', 'NetworkIn', 'NetworkOut', 'NetworkPacketsIn', 'NetworkPacketsOut'],
      'above',
      [instance, group],
      'remediate',
    ],
    [['AWS/EC2', 'AWS/ECS', 'AWS/RDS', 'AWS/DocDB', 'AWS/Redshift', 'AWS/ElastiCache'], ['CPUUtilization'], 'above', [nothing], 'escalate'],
    [
      ['CWAgent'],
      ['cpu_usage_active', 'cpu_usage_user', 'cpu_usage_system', 'Processor % Processor Time', 'netstat_tcp_established'],
      'above',
      [instance, group],
      'remediate',
    ],
    [
      ['CWAgent'],
      ['cpu_usage_active'],
      'above',
      [nothing, [{ InstanceId: 'i-0a1b2c3d4e5f60718', cpu: 'cpu7' }, 'instance i-0a1b2c3d4e5f60718']],
      'escalate',
    ],
    [['CWAgent'], ['cpu_usage_idle', 'Processor % Idle Time'], 'below', [instance, group], 'remediate'],
    [
      ['CWAgent'],
      ['cpu_usage_idle'],
      'below',
      [nothing, [{ InstanceId: 'i-0a1b2c3d4e5f60718', cpu: 'cpu0' }, 'instance i-0a1b2c3d4e5f60718']],
      'escalate',
    ],
    [
      ['CWAgent'],
      ['cpu_usage_idle'],
      'below',
      [[{ InstanceId: 'i-0a1b2c3d4e5f60718', cpu: 'cpu-total' }, 'instance i-0a1b2c3d4e5f60718']],
      'remediate',
    ],
    [
      ['CWAgent'],
      ['cpu_usage_active'],
      'above',
      [[{ InstanceId: 'i-0a1b2c3d4e5f60718', cpu: 'cpu-total' }, 'instance i-0a1b2c3d4e5f60718']],
      'remediate',
    ],
    [['CWAgent'], ['cpu_usage_system'], 'above', [[{ AutoScalingGroupName: 'web', cpu: 'cpu1' }, 'group web']], 'escalate'],
    [
      ['CWAgent'],
      ['Processor % Processor Time'],
      'above',
      [[{ InstanceId: 'i-0a1b2c3d4e5f60718', objectname: 'Processor', instance: '_Total' }, 'instance i-0a1b2c3d4e5f60718']],
      'remediate',
    ],
    [
      ['CWAgent'],
      ['Processor % Processor Time'],
      'above',
      [[{ InstanceId: 'i-0a1b2c3d4e5f60718', objectname: 'Processor', instance: '0' }, 'instance i-0a1b2c3d4e5f60718']],
      'escalate',
    ],
    [
      ['AWS/ApplicationELB'],
      ['RequestCountPerTarget', 'RequestCount', 'ActiveConnectionCount', 'NewConnectionCount'],
      'above',
      [targetGroup, loadBalancer],
      'escalate',
    ],
    [['AWS/ApplicationELB'], ['RequestCountPerTarget'], 'above', [nothing], 'escalate'],
    [['AWS/NetworkELB'], ['ActiveFlowCount', 'NewFlowCount'], 'above', [targetGroup, loadBalancer], 'escalate'],
    [['AWS/NetworkELB'], ['ActiveFlowCount'], 'above', [nothing], 'escalate'],
    [['AWS/ELB'], ['RequestCount', 'SurgeQueueLength'], 'above', [classicLoadBalancer], 'escalate'],
    [['AWS/ELB'], ['RequestCount'], 'above', [nothing], 'escalate'],
    [['AWS/ECS'], ['CPUUtilization', 'CPUReservation'], 'above', [ecsService], 'escalate'],
    [['AWS/RDS'], ['CPUUtilization', 'DatabaseConnections', 'DBLoad', 'DBLoadCPU', 'DBLoadNonCPU'], 'above', [database], 'escalate'],
    [['AWS/DocDB'], ['CPUUtilization', 'DatabaseConnections'], 'above', [database], 'escalate'],
    [['AWS/Neptune'], ['CPUUtilization'], 'above', [database, nothing], 'escalate'],
    [['AWS/Redshift'], ['CPUUtilization', 'DatabaseConnections'], 'above', [redshift], 'escalate'],
    [['AWS/ElastiCache'], ['CPUUtilization', 'EngineCPUUtilization', 'CurrConnections'], 'above', [cache], 'escalate'],
    [['AWS/ES'], ['CPUUtilization'], 'above', [domain, nothing], 'escalate'],
    [['AWS/Lambda'], ['ConcurrentExecutions'], 'above', [lambdaFunction, nothing], 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(loadSaturated, 'scale-out', metrics, events);

  const cpu = (dimensions: Record<string, string>) =>
    alarmEvent(alarm({ namespace: 'AWS/RDS', metric: 'CPUUtilization', direction: 'above', dimensions }));
  test.each<[string, object, Record<string, string>, string]>([
    ['readers', {}, { DBClusterIdentifier: 'shop', Role: 'READER' }, 'escalate shop null'],
    ['readers', { databases: { failover: 'on' } }, { DBClusterIdentifier: 'shop', Role: 'READER' }, 'escalate shop null'],
    ['readers', { readers: {} }, { DBClusterIdentifier: 'shop', Role: 'READER' }, 'remediate shop add-reader'],
    ['one reader', { readers: {} }, { DBInstanceIdentifier: 'shop-1' }, 'remediate shop-1 add-reader'],
    ['nothing', { readers: {} }, { EngineName: 'aurora' }, 'escalate an-alarm null'],
  ])('of the CPU of %s with policy %j comes to what that says', (_, policy, dimensions, expected) => {
    const [verdict] = readEvent(cpu(dimensions), parseClassification(JSON.stringify(policy))).verdicts;
    expect(`${verdict?.disposition} ${verdict?.resource?.id} ${verdict?.playbook}`).toBe(expected);
  });
});
