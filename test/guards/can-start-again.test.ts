import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { canStartAgain, canStartAgainPermissions } from '../../shared/guards/can-start-again.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { type Answer, sdkError } from '../aws/recorder.ts';
import { facts, instance, memberFacts } from '../remediation/examples.ts';
import { effective } from './examples.ts';
import { lookingUp } from './look-up.ts';

const key = 'arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000';
const [volume = ''] = instance().volumes;
const volumes = (...found: object[]): Answer => ({ output: { Volumes: found } });
const encrypted = (change: object = {}) => ({ VolumeId: volume, State: 'in-use', Encrypted: true, KmsKeyId: key, ...change });
const keyOf = (change: object = {}): Answer => ({
  output: { KeyMetadata: { Arn: key, KeyManager: 'CUSTOMER', KeyState: 'Enabled', ...change } },
});

const stopping = (found: Answer, described: Answer = keyOf(), kmsKeys: string[] = []) =>
  lookingUp({ 'ec2:DescribeVolumes': found, 'kms:DescribeKey': described }, { action: stopStartInstance, policy: effective({ kmsKeys }) });

describe('can-start-again', () => {
  test.each([
    ['volumes that are not encrypted', stopping(volumes({ VolumeId: volume, State: 'in-use', Encrypted: false }))],
    ['a key that AWS manages', stopping(volumes(encrypted()), keyOf({ KeyManager: 'AWS' }))],
    ["a customer's key that the policy names", stopping(volumes(encrypted()), keyOf(), [key])],
  ])('passes a stop with %s', async (_, { input }) => {
    expect(await canStartAgain.check(input)).toEqual({ answer: 'pass' });
  });

  test.each([
    ["a customer's key that the policy doesn't name", stopping(volumes(encrypted()))],
    ["a customer's key of which the policy names the beginning", stopping(volumes(encrypted()), keyOf(), [key.slice(0, -1)])],
    ['a key that nobody may look at', stopping(volumes(encrypted()), sdkError('AccessDeniedException', 400))],
    ['a key that is named and that nobody may look at', stopping(volumes(encrypted()), sdkError('AccessDeniedException', 400), [key])],
    ['a key that is gone', stopping(volumes(encrypted()), sdkError('NotFoundException', 400))],
    ['a key that is disabled', stopping(volumes(encrypted()), keyOf({ KeyState: 'Disabled' }), [key])],
    ['a key of AWS that is disabled', stopping(volumes(encrypted()), keyOf({ KeyManager: 'AWS', KeyState: 'Disabled' }))],
    ['a key that is to be deleted', stopping(volumes(encrypted()), keyOf({ KeyState: 'PendingDeletion' }), [key])],
    ['a key of which nothing is told', stopping(volumes(encrypted()), { output: {} })],
    ['a volume in error', stopping(volumes({ VolumeId: volume, State: 'error', Encrypted: false }))],
    ['a volume that is not told of', stopping(volumes())],
    ['a volume of which nobody says whether it is encrypted', stopping(volumes({ VolumeId: volume, State: 'in-use' }))],
    ['an encrypted volume whose key is not told', stopping(volumes({ VolumeId: volume, State: 'in-use', Encrypted: true }))],
  ])('leaves a stop to a person with %s', async (_, { input }) => {
    expect(await canStartAgain.check(input)).toMatchObject({ answer: 'escalate' });
  });

  test('looks at every volume', async () => {
    const seen = facts({ instance: instance({ volumes: [volume, 'vol-2'] }) });
    const found = volumes({ VolumeId: volume, State: 'in-use', Encrypted: false }, encrypted({ VolumeId: 'vol-2' }));
    const { input, calls } = stopping(found);
    expect(await canStartAgain.check({ ...input, facts: seen })).toMatchObject({
      answer: 'escalate',
      reason: expect.stringContaining('vol-2'),
    });
    expect(calls.map(({ permission }) => permission)).toEqual([...canStartAgainPermissions]);
  });

  test('holds where there is no instance', async () => {
    const { input } = stopping(volumes());
    expect(await canStartAgain.check({ ...input, facts: facts({ instance: null }) })).toEqual({
      answer: 'hold',
      reason: 'the instance does not exist',
    });
  });

  test('leaves an instance without a volume to a person', async () => {
    const { input } = stopping(volumes());
    expect(await canStartAgain.check({ ...input, facts: facts({ instance: instance({ volumes: [] }) }) })).toMatchObject({
      answer: 'escalate',
    });
  });

  test.each([
    ['of volumes', stopping(sdkError('RequestLimitExceeded', 503))],
    ['of the key', stopping(volumes(encrypted()), sdkError('ThrottlingException', 400))],
  ])('is a hold that may pass where the look-up %s is throttled', async (_, { input }) => {
    expect(await evaluateGuards([canStartAgain], input)).toMatchObject({ answer: 'hold', passing: true });
  });

  test('asks nothing for actions that leave nothing stopped', async () => {
    for (const action of [rebootInstance, startInstance, replaceMember]) {
      const { input, calls } = lookingUp({}, { action, facts: action === replaceMember ? memberFacts() : facts() });
      expect(await canStartAgain.check(input)).toEqual({ answer: 'pass' });
      expect(calls).toEqual([]);
    }
  });
});
