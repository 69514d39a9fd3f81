import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { protection, protectionPermissions } from '../../shared/guards/protection.ts';
import { type Answer, sdkError } from '../aws/recorder.ts';
import { facts, group, instance, instanceId, memberFacts, memberOf } from '../remediation/examples.ts';
import { lookingUp } from './look-up.ts';

const call = 'ec2:DescribeInstanceAttribute';
const attribute = (name: 'DisableApiStop' | 'DisableApiTermination', Value: boolean): Answer => ({ output: { [name]: { Value } } });
const stopping = (answer: Answer, change: Partial<GuardInput> = {}) =>
  lookingUp({ [call]: answer }, { action: stopStartInstance, ...change });
const replacing = (answer: Answer, change: Partial<GuardInput> = {}) =>
  lookingUp({ [call]: answer }, { action: replaceMember, facts: memberFacts(), ...change });
const scaledInNever = { facts: memberFacts({ group: group({ members: [memberOf(instanceId, { protectedFromScaleIn: true })] }) }) };
const withStore = { facts: facts({ instance: instance({ instanceStore: true }) }) };

describe('protection', () => {
  test.each([
    ['a stop of what is not protected', stopping(attribute('DisableApiStop', false))],
    ['a replacement of what is not protected', replacing(attribute('DisableApiTermination', false))],
    ['a stop that loses an instance store, once approved', stopping(attribute('DisableApiStop', false), { ...withStore, approved: true })],
    ['a replacement of what is protected, once approved', replacing(attribute('DisableApiTermination', true), { approved: true })],
  ])('passes %s', async (_, { input }) => {
    expect(await protection.check(input)).toEqual({ answer: 'pass' });
  });

  test('leaves what is protected from stops to the next rung, also once approved', async () => {
    for (const approved of [false, true]) {
      const { input } = stopping(attribute('DisableApiStop', true), { approved });
      expect(await protection.check(input)).toEqual({ answer: 'skip', reason: `${instanceId} is protected from being stopped` });
    }
  });

  test('leaves what has no EBS root to the next rung', async () => {
    for (const rootDevice of ['instance-store', 'unknown'] as const) {
      const { input } = stopping(attribute('DisableApiStop', false), {
        facts: facts({ instance: instance({ rootDevice }) }),
        approved: true,
      });
      expect(await protection.check(input)).toMatchObject({ answer: 'skip' });
    }
  });

  test.each([
    ['a stop that loses an instance store', stopping(attribute('DisableApiStop', false), withStore)],
    [
      'a stop that may lose one',
      stopping(attribute('DisableApiStop', false), { facts: facts({ instance: instance({ instanceStore: null }) }) }),
    ],
    ['a replacement of what is protected from termination', replacing(attribute('DisableApiTermination', true))],
    ['a replacement of what is protected from scale-in', replacing(attribute('DisableApiTermination', false), scaledInNever)],
  ])('asks a person about %s', async (_, { input }) => {
    expect(await protection.check(input)).toMatchObject({ answer: 'ask', reason: expect.stringContaining(instanceId) });
  });

  test.each([
    ['a stop', stopping({ output: {} }, { approved: true })],
    ['a replacement', replacing({ output: {} }, { approved: true })],
    [
      'a stop of an instance that is gone',
      stopping(attribute('DisableApiStop', false), { facts: facts({ instance: null }), approved: true }),
    ],
  ])('holds %s where the answer says nothing, also once approved', async (_, { input }) => {
    expect(await protection.check(input)).toMatchObject({ answer: 'hold' });
  });

  test('asks for the one attribute that matters, and for none where none does', async () => {
    const stop = stopping(attribute('DisableApiStop', false));
    const replacement = replacing(attribute('DisableApiTermination', false));
    for (const { input } of [stop, replacement]) await protection.check(input);
    expect(stop.calls).toEqual([{ permission: protectionPermissions[0], input: { InstanceId: instanceId, Attribute: 'disableApiStop' } }]);
    expect(replacement.calls).toEqual([
      { permission: protectionPermissions[0], input: { InstanceId: instanceId, Attribute: 'disableApiTermination' } },
    ]);
    for (const action of [rebootInstance, startInstance]) {
      const { input, calls } = lookingUp({}, { action });
      expect(await protection.check(input)).toEqual({ answer: 'pass' });
      expect(calls).toEqual([]);
    }
  });

  test.each([
    ['denied', sdkError('UnauthorizedOperation', 403), false],
    ['throttled', sdkError('RequestLimitExceeded', 503), true],
    ['timed out', sdkError('TimeoutError'), true],
  ])('is a hold where its look-up is %s', async (_, error, passing) => {
    expect(await evaluateGuards([protection], stopping(error, { approved: true }).input)).toMatchObject({ answer: 'hold', passing });
    expect(await evaluateGuards([protection], replacing(error, { approved: true }).input)).toMatchObject({ answer: 'hold', passing });
  });
});
