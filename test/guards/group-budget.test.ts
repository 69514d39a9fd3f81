import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { groupBudget } from '../../shared/guards/group-budget.ts';
import type { FailureId } from '../../shared/model/failure-id.ts';
import { placedAt } from '../../shared/model/place.ts';
import type { LaunchSource } from '../../shared/model/snapshot.ts';
import type { Replacement, Replacements } from '../../shared/ports/replacements.ts';
import type { Answer } from '../aws/recorder.ts';
import { groupFacts, groupName, incident, instance, memberFacts, noon } from '../remediation/examples.ts';
import { effective } from './examples.ts';
import { lookingUp } from './look-up.ts';

const hour = 3_600_000;
const day = 24 * hour;
const replaced = (ago: number, young = false): Replacement => ({ at: noon - ago, key: 'x', young });
const of = (earlier: Replacement[], type = 'group', id = groupName): Replacements => ({
  of: placedAt(incident(), { type, id }),
  earlier,
  version: 1,
});
const versions: Answer = {
  output: { LaunchTemplateVersions: [{ VersionNumber: 7, CreateTime: new Date('2026-11-20T09:30:00Z') }] },
};

type Given = { source?: LaunchSource; logs: Replacements[]; bornAgo?: number; desired?: number; policy?: object; failure?: FailureId };
const asked = ({ source, logs, bornAgo = day, desired = 2, policy = {}, failure = 'instance-unreachable' }: Given) =>
  groupBudget.check(
    lookingUp(
      { 'ec2:DescribeLaunchTemplateVersions': versions },
      {
        action: replaceMember,
        incident: incident({ failure }),
        facts: memberFacts({
          instance: instance({ groupName, launchedAt: noon - bornAgo }),
          group: groupFacts({ desired, ...(source ? { launchSource: source } : {}) }).group,
        }),
        policy: effective({ budget: { group: policy } }),
        replacements: async () => logs,
      },
    ).input,
  );

describe('group-budget', () => {
  test.each([
    ['of two members', 2, 2, 'pass'],
    ['of two members', 2, 3, 'escalate'],
    ['of fifty members', 50, 4, 'pass'],
    ['of fifty members', 50, 5, 'escalate'],
  ])('in a group %s (%i) with %i replacements: %s', async (_, desired, count, answer) => {
    const logs = [of(Array.from({ length: count }, (_unused, i) => replaced((i + 1) * 60_000)))];
    expect(await asked({ logs, desired })).toMatchObject({ answer });
  });

  test('forgets what is older than its window, which the policy sets', async () => {
    const logs = [of([replaced(7 * hour), replaced(8 * hour), replaced(9 * hour)])];
    expect(await asked({ logs })).toEqual({ answer: 'pass' });
    expect(await asked({ logs, policy: { window: '12h' } })).toMatchObject({ answer: 'escalate' });
    expect(await asked({ logs: [of([replaced(hour)])], policy: { actions: 1 } })).toMatchObject({ answer: 'escalate' });
  });

  test('counts against the target group that told of it as well', async () => {
    const logs = [of([]), of([replaced(1), replaced(2), replaced(3)], 'target-group', 'targetgroup/web/1')];
    expect(await asked({ logs })).toMatchObject({ answer: 'escalate', reason: expect.stringContaining('targetgroup/web/1') });
  });

  test('stops once two successors have failed within an hour of their birth, and names the pattern', async () => {
    const logs = [of([replaced(2 * hour), replaced(hour, true)])];
    const policy = { actions: 1000 };
    expect(await asked({ logs, policy, bornAgo: 8 * 60_000 })).toEqual({
      answer: 'escalate',
      reason: expect.stringMatching(
        /^new members of group web fail 8 min 00 s after they join .*launch template web version 7 since 2026-11-20T09:30Z$/,
      ),
    });
    const configured = await asked({ logs, policy, bornAgo: 8 * 60_000, source: { kind: 'configuration', name: 'web-7' } });
    expect(configured).toMatchObject({ reason: expect.stringMatching(/launch configuration web-7$/) });
  });

  test.each([
    ['only this one failed young', [replaced(2 * hour)], 8 * 60_000],
    ['it lived for longer', [replaced(3 * hour), replaced(2 * hour, true)], 60 * 60_000 + 1],
    ['it was not born after a replacement of ours', [replaced(60_000, true)], 8 * 60_000],
    ['it was born when another was replaced', [replaced(8 * 60_000, true)], 8 * 60_000],
    ['the others failed a day ago', [replaced(day, true), replaced(day, true)], 8 * 60_000],
  ])('goes on where %s', async (_, earlier, bornAgo) => {
    expect(await asked({ logs: [of(earlier)], bornAgo, policy: { actions: 1000 } })).toEqual({ answer: 'pass' });
  });

  test('stops as well where two failed young before', async () => {
    const logs = [of([replaced(3 * hour, true), replaced(2 * hour, true)])];
    expect(await asked({ logs, policy: { actions: 1000 } })).toMatchObject({ answer: 'escalate' });
  });

  test('counts one that fails just within an hour', async () => {
    const logs = [of([replaced(2 * hour, true)])];
    expect(await asked({ logs, bornAgo: hour, policy: { actions: 1000 } })).toMatchObject({ answer: 'escalate' });
  });

  test.each<FailureId>(['spot-interruption', 'spot-rebalance', 'instance-retiring'])(
    'does not count what AWS has announced: %s',
    async (failure) => {
      const logs = [of(Array.from({ length: 20 }, () => replaced(60_000, true)))];
      expect(await asked({ logs, failure })).toEqual({ answer: 'pass' });
    },
  );

  test('holds where there is no group, and has nothing to say of other actions', async () => {
    const gone = lookingUp({}, { action: replaceMember, facts: memberFacts({ group: null }) });
    expect(await groupBudget.check(gone.input)).toMatchObject({ answer: 'hold' });
    const reboot = lookingUp({}, { action: rebootInstance, replacements: () => Promise.reject(new Error('not asked for')) });
    expect(await groupBudget.check(reboot.input)).toEqual({ answer: 'pass' });
  });
});
