import { describe, expect, test } from '@jest/globals';
import { agentLost } from '../../shared/failures/agent-lost.ts';
import { readEvent } from '../../shared/failures/read.ts';
import { parseClassification } from '../../shared/failures/rules.ts';
import { type EventClaim, testClaims } from './claims.ts';

const event = (detail: object) => ({
  version: '0',
  id: '8952ba83-7be2-4ab5-9c32-6687532d15a2',
  'detail-type': 'ECS Container Instance State Change',
  source: 'aws.ecs',
  account: '111122223333',
  time: '2026-11-20T16:41:06Z',
  region: 'us-east-1',
  resources: ['arn:aws:ecs:us-east-1:111122223333:container-instance/prod/b54a2a04046f43319d743f6d7f6ca315'],
  detail: {
    agentConnected: false,
    clusterArn: 'arn:aws:ecs:us-east-1:111122223333:cluster/prod',
    containerInstanceArn: 'arn:aws:ecs:us-east-1:111122223333:container-instance/prod/b54a2a04046f43319d743f6d7f6ca315',
    ec2InstanceId: 'i-0a1b2c3d4e5f60718',
    status: 'ACTIVE',
    ...detail,
  },
});
const verdict = (detail: object, policy: object = {}) => {
  const [first] = readEvent(event(detail), parseClassification(JSON.stringify(policy))).verdicts;
  return `${first?.disposition} ${first?.failure} ${first?.resource?.id ?? null} ${first?.playbook}`;
};

describe('agent-lost', () => {
  const events: EventClaim[] = [
    ['ecs', 'agent-lost', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['ecs', 'agent-lost', null, 'escalate'],
  ];
  testClaims(agentLost, null, [], events);

  test('is about the instance of a host without an agent, and left to a person unless the policy names it', () => {
    expect(verdict({})).toBe('escalate agent-lost i-0a1b2c3d4e5f60718 null');
    expect(verdict({}, { ecs: { hosts: 'on' } })).toBe('remediate agent-lost i-0a1b2c3d4e5f60718 restore-agent');
    expect(verdict({}, { ecs: { rollback: 'on' } })).toBe('escalate agent-lost i-0a1b2c3d4e5f60718 null');
  });

  test.each([
    ['an agent that is connected', { agentConnected: true }],
    ['a host that is drained', { status: 'DRAINING' }],
    ['a host that has left its cluster', { status: 'INACTIVE' }],
    ['a host that registers', { status: 'REGISTERING' }],
    ['what is no instance of EC2', { ec2InstanceId: null }],
  ])('is not said of %s', (_, detail) => {
    expect(verdict(detail, { ecs: { hosts: 'on' } })).toMatch(/^ignore null/);
  });
});
