import type { Incident } from '../../shared/model/incident.ts';
import { alarmOn } from './observing.ts';

const region = 'us-east-1';
const account = '123456789012';

const ofRds = (source: string, resource: Incident['resource']): Incident =>
  alarmOn('', resource, { kind: 'rds', failure: 'database-impaired', evidence: { source } });

/** One incident of each kind of resource, as a signal of it tells. */
export const samples: Readonly<Record<string, Incident>> = {
  'lambda-function': alarmOn('AWS/Lambda', { type: 'service', id: 'checkout' }),
  'ecs-service': alarmOn('AWS/ECS', { type: 'service', id: 'prod/checkout' }),
  'ecs-task': alarmOn(
    '',
    { type: 'task', id: `arn:aws:ecs:${region}:${account}:task/prod/0123456789abcdef0123456789abcdef` },
    { kind: 'ecs', failure: 'service-impaired', evidence: { stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError' } },
  ),
  'rds-instance': alarmOn('AWS/RDS', { type: 'database', id: 'orders' }, { failure: 'database-impaired' }),
  'rds-cluster': alarmOn('', { type: 'database', id: 'orders' }, { kind: 'rds', evidence: { source: 'db-cluster' } }),
  'rds-snapshot': ofRds('db-snapshot', { type: 'service', id: 'rds:orders-2026-11-20-03-10' }),
  'rds-cluster-snapshot': ofRds('db-cluster-snapshot', { type: 'database', id: 'orders-before-upgrade' }),
  'rds-proxy': ofRds('db-proxy', { type: 'database', id: 'orders-proxy' }),
  'rds-blue-green': ofRds('blue-green-deployment', { type: 'database', id: 'bgd-0a1b2c3d4e5f6a7b' }),
  'sqs-queue': alarmOn('AWS/SQS', { type: 'queue', id: 'orders' }, { failure: 'queue-backlog' }),
  'acm-certificate': alarmOn(
    '',
    { type: 'certificate', id: `arn:aws:acm:${region}:${account}:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b` },
    { kind: 'acm', failure: 'certificate-expiring', evidence: { daysToExpiry: '15', commonName: 'shop.example.com' } },
  ),
  'ebs-volume': alarmOn('AWS/EBS', { type: 'volume', id: 'vol-0123456789abcdef0' }, { failure: 'volume-impaired' }),
  'ebs-snapshot': alarmOn('', { type: 'snapshot', id: 'snap-0123456789abcdef0' }, { kind: 'ebs', evidence: {} }),
  'ec2-fleet': alarmOn('', { type: 'fleet', id: 'fleet-598fb973-87b7-422d-8002-a8a4d3e2e5c1' }, { kind: 'ec2-fleet', evidence: {} }),
  'spot-fleet': alarmOn('', { type: 'fleet', id: 'sfr-4b6d274d-0cea-4b2c-b3be-9dc627ad1f55' }, { kind: 'ec2-fleet', evidence: {} }),
  'capacity-reservation': alarmOn('', { type: 'capacity-reservation', id: 'cr-0123456789abcdef0' }, { evidence: {} }),
  'availability-zone': alarmOn('', { type: 'zone', id: 'us-east-1a' }, { kind: 'aws-health', evidence: { service: 'EC2' } }),
  'synthetics-canary': alarmOn(
    '',
    { type: 'canary', id: 'checkout-canary' },
    { kind: 'synthetics', failure: 'canary-failed', evidence: {} },
  ),
  'target-group': alarmOn('AWS/ApplicationELB', { type: 'target-group', id: 'targetgroup/web/0123456789abcdef' }),
  'load-balancer': alarmOn('AWS/ApplicationELB', { type: 'load-balancer', id: 'app/web/fedcba9876543210' }, { failure: 'latency-high' }),
};
