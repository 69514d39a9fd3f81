import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { cooldown } from '../../shared/guards/cooldown.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { sdkError } from '../aws/recorder.ts';
import { facts, groupFacts, groupName, incident, instanceId, memberFacts, noon, targetsOf } from '../remediation/examples.ts';
import { lookingUp } from './look-up.ts';

const minute = 60_000;
const by = (ago: number, who = 'other') => ({ at: noon - ago * minute, action: 'reboot-instance', incident: who });
const rebooted = (
  attempts: ReturnType<typeof by>[] | undefined,
  change: Partial<GuardInput> = {},
  answers: Parameters<typeof lookingUp>[0] = {},
) => lookingUp(answers, { action: rebootInstance, attempts: () => attempts, ...change });
const behindTargets = facts({ targets: targetsOf([{ id: instanceId, state: 'unhealthy' }]) });
const settings = (group: object) => ({ 'elasticloadbalancing:DescribeTargetGroups': { output: { TargetGroups: [group] } } });

describe('cooldown', () => {
  test.each([
    ['nothing was done', []],
    ['what was done has had its time', [by(6)]],
    ['it was done in this incident', [by(1, incident().key)]],
  ])('passes where %s, without a call', async (_, attempts) => {
    const { input, calls } = rebooted(attempts);
    expect(await cooldown.check(input)).toEqual({ answer: 'pass' });
    expect(calls).toEqual([]);
  });

  test.each([
    ['reboot', rebootInstance, facts()],
    ['move', stopStartInstance, facts()],
    ['replacement', replaceMember, memberFacts()],
  ])('holds a %s until what another incident has just done has had its time', async (_, action, seen) => {
    const { input } = rebooted([by(30), by(5.9), by(1, incident().key)], { action, facts: seen });
    expect(await cooldown.check(input)).toMatchObject({
      answer: 'hold',
      passing: true,
      until: noon + 0.1 * minute,
      reason: expect.stringContaining('incident other has done reboot-instance to'),
    });
  });

  test.each([
    ['by default 30 s apart, five times after the first', {}, 9],
    ['by its settings', { HealthCheckIntervalSeconds: 10, HealthyThresholdCount: 2 }, 6.5],
  ])("gives a target as much longer as its group's checks take, %s", async (_, group, until) => {
    const at = (ago: number) => rebooted([by(ago)], { facts: behindTargets }, settings(group)).input;
    expect(await cooldown.check(at(until - 0.1))).toMatchObject({ answer: 'hold', passing: true });
    expect(await cooldown.check(at(until))).toEqual({ answer: 'pass' });
  });

  test('holds where nobody knows what was done, or how the target is checked', async () => {
    expect(await cooldown.check(rebooted(undefined).input)).toMatchObject({ answer: 'hold' });
    const { input } = rebooted(
      [by(7)],
      { facts: behindTargets },
      { 'elasticloadbalancing:DescribeTargetGroups': sdkError('AccessDenied', 403) },
    );
    expect(await evaluateGuards([cooldown], input)).toMatchObject({ answer: 'hold' });
  });

  test('holds no start and no further capacity', async () => {
    expect(await cooldown.check(rebooted([by(1)], { action: startInstance }).input)).toEqual({ answer: 'pass' });
    const more = { action: scaleOut, target: { type: 'group' as const, id: groupName }, facts: groupFacts() };
    expect(await cooldown.check(rebooted([by(1)], more).input)).toEqual({ answer: 'pass' });
  });
});
