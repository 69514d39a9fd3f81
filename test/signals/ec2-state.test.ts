import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { event, instanceId, otherInstanceId, verdictOf } from './fixtures.ts';

const arn = (id: string) => `arn:aws:ec2:us-west-2:111122223333:instance/${id}`;
const change = (state: unknown, id: unknown = instanceId, resources: unknown = []) => {
  return event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': id, state }, { resources });
};

describe('ec2-state', () => {
  test.each([
    ['stopping', 'instance-stopped', 'remediate'],
    ['stopped', 'instance-stopped', 'remediate'],
    ['shutting-down', 'instance-terminated', 'escalate'],
    ['terminated', 'instance-terminated', 'escalate'],
    ['pending', null, 'ignore'],
    ['running', null, 'ignore'],
    ['hibernated', null, 'ignore'],
    ['Stopped', null, 'ignore'],
  ])('%s is %s: %s', (state, failure, disposition) => {
    expect(verdictOf(change(state))).toMatchObject({
      failure,
      disposition,
      resource: { type: 'instance', id: instanceId },
      at: Date.UTC(2026, 10, 20, 13, 35, 12),
    });
  });

  test('a state named after a property of objects is no state', () => {
    for (const state of ['constructor', '__proto__', 'toString'])
      expect(verdictOf(change(state))).toMatchObject({ failure: null, disposition: 'ignore' });
  });

  test('the id comes from the detail, else from the one ARN', () => {
    expect(verdictOf(change('stopped', null, [arn(otherInstanceId)])).resource).toEqual({ type: 'instance', id: otherInstanceId });
    expect(verdictOf(change('stopped', null, arn(otherInstanceId))).resource).toEqual({ type: 'instance', id: otherInstanceId });
    expect(readEvent(change('stopped', null, [arn(instanceId), arn(otherInstanceId)])).rejected).toHaveLength(1);
    expect(readEvent(change('stopped', null)).rejected[0]?.error).toContain('detail.instance-id');
  });

  test('two different ids are told to a person', () => {
    expect(verdictOf(change('stopped', instanceId, [arn(otherInstanceId)]))).toMatchObject({
      failure: 'instance-stopped',
      disposition: 'escalate',
      playbook: null,
    });
    expect(verdictOf(change('stopped', instanceId, [arn(instanceId)])).disposition).toBe('remediate');
  });

  test('malformed ids and states are rejected by name', () => {
    expect(readEvent(change('stopped', 'i-1')).rejected[0]?.error).toContain('detail.instance-id');
    expect(readEvent(change(16)).rejected[0]?.error).toContain('detail.state');
    expect(readEvent(change('stopped', [instanceId])).rejected).toHaveLength(1);
  });

  test('account and region come from the ARN where the envelope lacks them', () => {
    const bare = {
      ...change('stopped', instanceId, [`arn:aws-cn:ec2:cn-north-1:444455556666:instance/${instanceId}`]),
      account: undefined,
      region: 'China (Beijing)',
    };
    expect(verdictOf(bare)).toMatchObject({ account: '444455556666', region: 'cn-north-1', partition: 'aws-cn' });
    expect(verdictOf({ ...change('stopped'), account: '1', region: null })).toMatchObject({
      account: null,
      region: null,
      partition: 'aws',
    });
  });
});
