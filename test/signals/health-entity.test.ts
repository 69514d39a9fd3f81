import { describe, expect, test } from '@jest/globals';
import { MalformedEventError } from '../../shared/model/malformed.ts';
import { entityOf } from '../../shared/signals/health-entity.ts';

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:444455556666:${resource}`;

describe('health-entity', () => {
  test.each([
    ['EC2', ' i-0a1b2c3d4e5f60718 ', { type: 'instance', id: 'i-0a1b2c3d4e5f60718' }],
    ['EC2', arn('ec2', 'instance/i-0a1b2c3d4e5f60718'), { type: 'instance', id: 'i-0a1b2c3d4e5f60718' }],
    ['EBS', 'vol-0123456789abcdef0', { type: 'volume', id: 'vol-0123456789abcdef0' }],
    ['RDS', 'orders', { type: 'database', id: 'orders' }],
    ['RDS', arn('rds', 'cluster:orders'), { type: 'database', id: 'orders' }],
    ['RDS', arn('rds', 'db-proxy:prx-1'), { type: 'service', id: 'db-proxy:prx-1' }],
    ['ACM', arn('acm', 'certificate/0a1b'), { type: 'certificate', id: arn('acm', 'certificate/0a1b') }],
    ['EC2', 'euw1-az2', { type: 'zone', id: 'euw1-az2' }],
    ['EKS', arn('eks', 'cluster/prod'), { type: 'service', id: 'cluster/prod' }],
    ['EC2', 'UNKNOWN', null],
    ['EC2', '', null],
    ['EC2', 'eu-west-1', null],
  ])('in %s, %j is %j', (service, value, resource) => {
    expect(entityOf(value, service)).toEqual(resource);
  });

  test.each([
    ['EC2', 'i-0A1B2C3D4E5F60718'],
    ['EC2', 'I-nonsense'],
    ['EBS', 'vol-'],
    ['LAMBDA', arn('ec2', 'instance/i-nonsense')],
    ['RDS', 'or ders'],
    ['LAMBDA', 'a\nb'],
  ])('in %s, %j is none', (service, value) => {
    expect(entityOf(value, service)).toBeInstanceOf(MalformedEventError);
  });
});
