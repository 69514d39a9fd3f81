import type { Incident } from '../../shared/incident/incident.ts';
import { alarmOn } from './observing.ts';

const region = 'us-east-1';
const account = '123456789012';

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
  'sqs-queue': alarmOn('AWS/SQS', { type: 'queue', id: 'orders' }, { failure: 'queue-backlog' }),
  'acm-certificate': alarmOn(
    '',
    { type: 'certificate', id: `arn:aws:acm:${region}:${account}:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b` },
    { kind: 'acm', failure: 'certificate-expiring', evidence: { daysToExpiry: '15', commonName: 'shop.example.com' } },
  ),
  'ebs-volume': alarmOn('AWS/EBS', { type: 'volume', id: 'vol-0123456789abcdef0' }, { failure: 'volume-impaired' }),
  'synthetics-canary': alarmOn(
    '',
    { type: 'canary', id: 'checkout-canary' },
    { kind: 'synthetics', failure: 'canary-failed', evidence: {} },
  ),
  'target-group': alarmOn('AWS/ApplicationELB', { type: 'target-group', id: 'targetgroup/web/0123456789abcdef' }),
  'load-balancer': alarmOn('AWS/ApplicationELB', { type: 'load-balancer', id: 'app/web/fedcba9876543210' }, { failure: 'latency-high' }),
};
