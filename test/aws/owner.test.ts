import { expect, test } from '@jest/globals';
import { ownerOf } from '../../shared/model/owner.ts';

const kind = (tags: Record<string, string>, more: object = {}) => ownerOf({ tags, ...more })?.kind ?? null;

test.each([
  ['karpenter', { 'karpenter.sh/nodepool': 'default' }],
  ['karpenter', { 'karpenter.sh/nodeclaim': 'x', 'eks:cluster-name': 'shop' }],
  ['eks', { 'eks:cluster-name': 'shop' }],
  ['eks', { 'eks:eks-cluster-name': 'shop' }],
  ['eks', { 'aws:eks:cluster-name': 'shop' }],
  ['eks', { 'kubernetes.io/cluster/shop': 'owned' }],
  ['ecs', { AmazonECSManaged: '' }],
  ['other', { 'aws:elasticmapreduce:job-flow-id': 'j-1' }],
  ['fleet', { 'aws:ec2:fleet-id': 'fleet-1' }],
  ['fleet', { 'aws:ec2spot:fleet-request-id': 'sfr-1' }],
  [null, { Name: 'web', selfheal: 'on' }],
  [null, { 'my-eks:cluster-name': 'shop', 'kubernetes.io/role': 'x' }],
])('%s owns what is tagged %j', (owner, tags) => {
  expect(kind(tags as Record<string, string>)).toBe(owner);
});

test('a group rules over what it launches by a fleet', () => {
  expect(kind({ 'aws:ec2:fleet-id': 'fleet-1' }, { groupName: 'web' })).toBeNull();
});

test.each([
  ['eks', 'eks.amazonaws.com'],
  ['ecs', 'ecs.amazonaws.com'],
  ['other', 'somebody.amazonaws.com'],
])('%s owns what EC2 says that %s manages', (owner, operator) => {
  expect(ownerOf({ tags: {}, operator })).toMatchObject({ kind: owner, name: operator });
});

test('of all of them only ECS is known not to repair a host', () => {
  expect(ownerOf({ tags: { AmazonECSManaged: '' } })?.repairs).toBe(false);
  expect(ownerOf({ tags: { 'eks:cluster-name': 'shop' } })?.repairs).toBe(true);
});
