import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { concurrentRemediation, concurrentRemediationPermissions } from '../../shared/guards/concurrent-remediation.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import type { ResourceSnapshot, ScheduledEventFacts } from '../../shared/model/snapshot.ts';
import type { Answer } from '../aws/recorder.ts';
import { sdkError } from '../aws/recorder.ts';
import {
  facts,
  group,
  groupFacts,
  groupName,
  instance,
  instanceId,
  memberFacts,
  memberOf,
  noon,
  status,
  targetsOf,
} from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';
import { lookingUp } from './look-up.ts';

const minute = 60_000;
const call = 'autoscaling:DescribeInstanceRefreshes';
const refreshes = (...states: string[]): Answer => ({ output: { InstanceRefreshes: states.map((Status) => ({ Status })) } });
const replacing = (seen: ResourceSnapshot, answer: Answer = refreshes()) =>
  lookingUp({ [call]: answer }, { action: replaceMember, facts: seen });
const scheduled = (event: Partial<ScheduledEventFacts>) =>
  facts({ status: status({ scheduled: [{ code: 'system-reboot', notBefore: null, notAfter: null, ...event }] }) });
const impaired = (minutes: number | null, change: Parameters<typeof instance>[0] = {}) =>
  facts({
    instance: instance(change),
    status: status({ system: 'impaired', systemImpairedSince: minutes === null ? null : noon - minutes * minute }),
  });

describe('concurrent-remediation', () => {
  test.each<[string, Partial<ScheduledEventFacts>]>([
    ['is under way', { notBefore: noon - minute, notAfter: noon + minute }],
    ['begins now', { notBefore: noon, notAfter: noon + minute }],
    ['began a while ago and has no end', { notBefore: noon - 59 * minute }],
  ])('holds for now while what AWS has scheduled %s', async (_, event) => {
    const answer = await concurrentRemediation.check(guardInput({ facts: scheduled(event) }));
    expect(answer).toEqual({ answer: 'hold', passing: true, reason: 'AWS is carrying out system-reboot on it' });
  });

  test.each<[string, Partial<ScheduledEventFacts>]>([
    ['is still to come', { notBefore: noon + minute }],
    ['should be over', { notBefore: noon - 2 * minute, notAfter: noon - minute }],
    ['began long ago and has no end', { notBefore: noon - 61 * minute }],
    ['has no time', {}],
  ])('passes where what AWS has scheduled %s', async (_, event) => {
    expect(await concurrentRemediation.check(guardInput({ facts: scheduled(event) }))).toEqual({ answer: 'pass' });
  });

  test('leaves a failed host to EC2 for a while', async () => {
    const input = guardInput({ action: stopStartInstance, facts: impaired(4) });
    expect(await concurrentRemediation.check(input)).toMatchObject({
      answer: 'hold',
      passing: true,
      reason: expect.stringContaining('EC2 has 5 min'),
    });
  });

  test.each([
    ['that while is over', impaired(5)],
    ['it does not recover by itself', impaired(1, { autoRecovery: false })],
    ['nobody knows since when', impaired(null)],
    ['the host is fine', facts()],
  ])('passes where %s', async (_, seen) => {
    expect(await concurrentRemediation.check(guardInput({ action: stopStartInstance, facts: seen }))).toEqual({ answer: 'pass' });
  });

  test.each([
    ['was started', 'was started 2 min 00 s ago, and it gets 3 min', facts({ instance: instance({ launchedAt: noon - 2 * minute }) })],
    ['has been moved by EC2', 'its host works again 2 min 00 s ago', facts({ status: status({ systemPassesSince: noon - 2 * minute }) })],
  ])('waits for what %s to show that it works before it is interrupted', async (_, words, seen) => {
    for (const action of [rebootInstance, stopStartInstance])
      expect(await concurrentRemediation.check(guardInput({ action, facts: seen }))).toMatchObject({
        answer: 'hold',
        passing: true,
        reason: expect.stringContaining(words),
      });
    const input = guardInput({ action: rebootInstance, facts: seen, now: noon + minute });
    expect(await concurrentRemediation.check(input)).toEqual({ answer: 'pass' });
    const stopped = { ...seen, instance: instance({ ...seen.instance, state: 'stopped' }) };
    expect(await concurrentRemediation.check(guardInput({ action: startInstance, facts: stopped }))).toEqual({ answer: 'pass' });
  });

  test.each([
    ['by default, five checks 30 s apart after the first', {}, 6],
    ['by its settings', { HealthCheckIntervalSeconds: 10, HealthyThresholdCount: 5 }, 4],
  ])('leaves a target as long as its group takes to find it healthy, %s', async (_, settings, until) => {
    const seen = facts({ targets: targetsOf([{ id: instanceId, state: 'unhealthy' }]) });
    const at = (minutes: number) =>
      lookingUp(
        { 'elasticloadbalancing:DescribeTargetGroups': { output: { TargetGroups: [settings] } } },
        { action: rebootInstance, facts: { ...seen, instance: instance({ launchedAt: noon - minutes * minute }) } },
      );
    for (const minutes of [1, until - 0.5])
      expect(await concurrentRemediation.check(at(minutes).input)).toMatchObject({ answer: 'hold', passing: true });
    expect(await concurrentRemediation.check(at(until).input)).toEqual({ answer: 'pass' });
    // No settings of a target group can make it longer than this.
    const old = at(58);
    expect(await concurrentRemediation.check(old.input)).toEqual({ answer: 'pass' });
    expect(old.calls).toEqual([]);
    const slow = lookingUp(
      {
        'elasticloadbalancing:DescribeTargetGroups': {
          output: { TargetGroups: [{ HealthCheckIntervalSeconds: 300, HealthyThresholdCount: 10 }] },
        },
      },
      { action: rebootInstance, facts: { ...seen, instance: instance({ launchedAt: noon - 57.9 * minute }) } },
    );
    expect(await concurrentRemediation.check(slow.input)).toMatchObject({ answer: 'hold' });
  });

  test.each<[string, Partial<GuardInput>, number]>([
    ['was started', { facts: facts({ instance: instance({ launchedAt: noon - 2 * minute }) }) }, 1],
    ['was moved by EC2', { facts: facts({ status: status({ systemPassesSince: noon - minute }) }) }, 2],
    ['EC2 may still recover', { action: stopStartInstance, facts: impaired(4) }, 1],
    [
      'is in its grace period',
      { action: replaceMember, facts: memberFacts({ instance: instance({ groupName, launchedAt: noon - 4 * minute }) }) },
      1,
    ],
  ])(
    'knows until when it leaves alone what %s, but in an old incident waits no longer than for anything else',
    async (_, input, minutes) => {
      const asked = guardInput(input);
      expect(await concurrentRemediation.check(asked)).toMatchObject({ answer: 'hold', passing: true, until: noon + minutes * minute });
      const hours = { ...asked.policy, lease: { ...asked.policy.lease, patience: 1800 } };
      const aged = (age: number) =>
        concurrentRemediation.check({ ...asked, policy: hours, incident: { ...asked.incident, at: noon - age * minute } });
      expect(await aged(59)).toHaveProperty('until');
      expect(await aged(60)).not.toHaveProperty('until');
    },
  );

  test('can be asked by a back-test of a scale-out alone', () => {
    expect(concurrentRemediation.isOpen(rebootInstance, 'instance', effective())).toBe(true);
    expect(concurrentRemediation.isOpen(scaleOut, 'group', effective())).toBe(false);
  });

  test('waits no longer than the policy says', async () => {
    const policy = effective({ healers: { autoRecovery: 60 } });
    expect(await concurrentRemediation.check(guardInput({ policy, facts: impaired(2) }))).toEqual({ answer: 'pass' });
  });

  test('leaves a member to the group that has found it unhealthy', async () => {
    const { input, calls } = replacing(memberFacts({ group: group({ members: [memberOf(instanceId, { health: 'Unhealthy' })] }) }));
    expect(await concurrentRemediation.check(input)).toMatchObject({ answer: 'hold', passing: true });
    expect(calls).toEqual([]);
  });

  test('does not leave it to a group that replaces nobody', async () => {
    const members = [memberOf(instanceId, { health: 'Unhealthy' })];
    const { input } = replacing(memberFacts({ group: group({ members, suspendedProcesses: ['ReplaceUnhealthy'] }) }));
    expect(await concurrentRemediation.check(input)).toEqual({ answer: 'pass' });
  });

  test('does not replace a member within its grace period', async () => {
    const { input } = replacing(memberFacts({ instance: instance({ groupName, launchedAt: noon - 4 * minute }) }));
    expect(await concurrentRemediation.check(input)).toMatchObject({
      answer: 'hold',
      passing: true,
      reason: expect.stringContaining('grace period'),
    });
  });

  test('replaces one whose grace period has just ended', async () => {
    const { input } = replacing(memberFacts({ instance: instance({ groupName, launchedAt: noon - 5 * minute }) }));
    expect(await concurrentRemediation.check(input)).toEqual({ answer: 'pass' });
  });

  test.each(['Pending', 'InProgress', 'Cancelling', 'RollbackInProgress', 'Baking'])(
    'holds for now while an instance refresh is %s',
    async (state) => {
      const { input } = replacing(memberFacts(), refreshes(state));
      expect(await concurrentRemediation.check(input)).toMatchObject({
        answer: 'hold',
        passing: true,
        reason: expect.stringContaining(state),
      });
    },
  );

  test.each(['Successful', 'Failed', 'Cancelled', 'RollbackSuccessful', 'RollbackFailed'])('passes once a refresh is %s', async (state) => {
    expect(await concurrentRemediation.check(replacing(memberFacts(), refreshes(state)).input)).toEqual({ answer: 'pass' });
  });

  test('looks up refreshes for a replacement alone, and nothing else', async () => {
    const { input, calls } = replacing(memberFacts());
    expect(await concurrentRemediation.check(input)).toEqual({ answer: 'pass' });
    // Only the newest refresh can be under way.
    expect(calls).toMatchObject([{ permission: concurrentRemediationPermissions[0], input: { MaxRecords: 1 } }]);
    const other = lookingUp({}, { action: scaleOut, target: { type: 'group', id: groupName }, facts: groupFacts() });
    expect(await concurrentRemediation.check(other.input)).toEqual({ answer: 'pass' });
    expect(other.calls).toEqual([]);
  });

  test.each([
    ['denied', sdkError('AccessDenied', 403), false],
    ['throttled', sdkError('Throttling', 400), true],
    ['timed out', sdkError('TimeoutError'), true],
  ])('is a hold where its look-up is %s', async (_, error, passing) => {
    expect(await evaluateGuards([concurrentRemediation], replacing(memberFacts(), error).input)).toMatchObject({ answer: 'hold', passing });
  });
});
