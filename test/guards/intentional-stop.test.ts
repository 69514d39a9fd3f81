import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { intentionalStop } from '../../shared/guards/intentional-stop.ts';
import type { InstanceFacts } from '../../shared/model/snapshot.ts';
import { facts, groupFacts, groupName, instance, memberFacts, noon } from '../remediation/examples.ts';
import { guardInput } from './examples.ts';

const minute = 60_000;
const stopped = (stateReason: string | null, state: InstanceFacts['state'] = 'stopped') =>
  facts({ instance: instance({ state, stateReason }) });

describe('intentional-stop', () => {
  test.each([
    ['a running instance', rebootInstance, facts()],
    ['an instance that is starting', rebootInstance, stopped(null, 'pending')],
    ['a start of what AWS stopped', startInstance, stopped('Server.ScheduledStop')],
  ])('passes %s', async (_, action, seen) => {
    expect(await intentionalStop.check(guardInput({ action, facts: seen }))).toEqual({ answer: 'pass' });
  });

  test('has nothing to say about a group', async () => {
    const input = guardInput({ action: scaleOut, target: { type: 'group', id: groupName }, facts: groupFacts() });
    expect(await intentionalStop.check(input)).toEqual({ answer: 'pass' });
  });

  test.each([
    ['a start of what a person stopped', startInstance, stopped('Client.UserInitiatedShutdown')],
    ['a start of what shut itself down', startInstance, stopped('Client.InstanceInitiatedShutdown')],
    ['a start of what a person put to sleep', startInstance, stopped('Client.UserInitiatedHibernate')],
    ['a start of a spot instance that EC2 took back', startInstance, stopped('Server.SpotInstanceShutdown')],
    ['a reboot of a lone instance that a person terminated', rebootInstance, stopped('Client.UserInitiatedShutdown', 'terminated')],
    ['a stop and start of what a person is stopping', stopStartInstance, stopped('Client.UserInitiatedShutdown', 'stopping')],
    ["an instance that the look didn't find", startInstance, facts({ instance: null })],
  ])('holds %s', async (_, action, seen) => {
    const answer = await intentionalStop.check(guardInput({ action, facts: seen }));
    expect(answer).toMatchObject({ answer: 'hold' });
    expect(answer).not.toHaveProperty('passing');
  });

  test.each([
    ['a start where AWS gives no reason', startInstance, stopped(null)],
    ['a reboot of what AWS stopped', rebootInstance, stopped('Server.ScheduledStop')],
    ['a stop and start of what AWS stopped', stopStartInstance, stopped('Server.ScheduledStop')],
  ])('holds %s for now', async (_, action, seen) => {
    expect(await intentionalStop.check(guardInput({ action, facts: seen }))).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each([
    'Client.InternalError',
    'Client.VolumeLimitExceeded',
    'Client.InvalidSnapshot.NotFound',
    'Client.InvalidParameterCombination',
    'Client.Server.Stop',
    'Something.New',
    '',
  ])('tells a person of a stop that nobody asked for: %s', async (reason) => {
    expect(await intentionalStop.check(guardInput({ action: startInstance, facts: stopped(reason) }))).toMatchObject({
      answer: 'escalate',
    });
  });

  test.each(['Client.UserInitiatedShutdown', 'Client.InstanceInitiatedShutdown', 'Server.SpotInstanceTermination'])(
    'is quiet about a lone instance that was terminated on purpose: %s',
    async (reason) => {
      expect(await intentionalStop.check(guardInput({ facts: stopped(reason, 'terminated') }))).toMatchObject({
        answer: 'hold',
        quiet: true,
      });
    },
  );

  describe('of what an earlier incident of ours has stopped', () => {
    const check = (launchedAt: number, more: Partial<GuardInput> = {}) => {
      const seen = facts({ instance: instance({ state: 'stopped', stateReason: 'Client.UserInitiatedShutdown', launchedAt }) });
      const attempts = [{ at: noon - 30 * minute, action: 'stop-start-instance', incident: 'earlier' }];
      const lease = async () => ({ acquired: true as const, attempts });
      return intentionalStop.check(guardInput({ action: startInstance, facts: seen, lease, attempts: () => attempts, now: noon, ...more }));
    };

    test('passes a start where it has stayed so ever since', async () => {
      expect(await check(noon - 90 * minute)).toEqual({ answer: 'pass' });
      expect(await check(noon - 90 * minute, { action: stopStartInstance })).toEqual({ answer: 'pass' });
      expect(await check(noon - 90 * minute, { action: rebootInstance })).toMatchObject({ answer: 'hold', passing: true });
    });

    test('holds where it was started since: then somebody else has stopped it', async () => {
      expect(await check(noon - 29 * minute)).toMatchObject({ answer: 'hold', quiet: true });
    });

    test('holds where that is long ago, or another incident has it', async () => {
      expect(await check(noon - 90 * minute, { now: noon + 91 * minute })).toMatchObject({ answer: 'hold', quiet: true });
      const taken = async () => ({ acquired: false as const, holder: 'other', until: noon });
      expect(await check(noon - 90 * minute, { lease: taken })).toMatchObject({ answer: 'hold', quiet: true });
    });
  });

  test('holds a start for now while AWS is still stopping the instance', async () => {
    const input = guardInput({ action: startInstance, facts: stopped('Server.ScheduledStop', 'stopping') });
    expect(await intentionalStop.check(input)).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each(['shutting-down', 'terminated'] as const)('holds a member that is %s for now, since its group replaces it', async (state) => {
    const seen = memberFacts({ instance: instance({ groupName, state, stateReason: 'Client.UserInitiatedShutdown' }) });
    expect(await intentionalStop.check(guardInput({ action: replaceMember, facts: seen }))).toMatchObject({
      answer: 'hold',
      passing: true,
    });
  });

  test.each(['shutting-down', 'terminated'] as const)('escalates an instance that is %s', async (state) => {
    expect(await intentionalStop.check(guardInput({ facts: stopped('Server.InternalError', state) }))).toMatchObject({
      answer: 'escalate',
    });
  });
});
