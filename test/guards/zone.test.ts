import { describe, expect, test } from '@jest/globals';
import type { Action } from '../../shared/actions/action.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { zone } from '../../shared/guards/zone.ts';
import { sdkError } from '../aws/recorder.ts';
import { facts, groupFacts, groupName, instance, instanceId, memberFacts, noon, status } from '../remediation/examples.ts';
import { guardInput } from './examples.ts';
import { lookingUp } from './look-up.ts';

const knowing = (...impaired: string[]) => ({ correlatedFailures: async () => ({ failing: [], full: false, impaired }) });

const minute = 60_000;
const failed = status({ system: 'impaired', systemImpairedSince: noon - 20 * minute });
/** What EC2 says of a host in the zone: `impaired` so many minutes before this one, or of itself. */
const host = (Status: string, before: number | null = null, InstanceId = 'i-0other') => ({
  InstanceId,
  SystemStatus: {
    Status,
    Details: before === null ? [] : [{ Name: 'reachability', ImpairedSince: new Date(noon - (20 + before) * minute) }],
  },
});
const moving = (hosts: object[] | Error, seen = facts({ status: failed }), action: Action = stopStartInstance) =>
  lookingUp(
    { 'ec2:DescribeInstanceStatus': hosts instanceof Error ? hosts : { output: { InstanceStatuses: hosts } } },
    { action, facts: seen, ...knowing() },
  );
const own = host('impaired', 0, instanceId);

describe('zone', () => {
  test.each([
    ['nothing is impaired', []],
    ['another zone is', ['us-east-1b', 'use1-az2']],
    ['another region is', ['eu-west-1']],
  ])('passes where %s', async (_, impaired) => {
    expect(await zone.check(guardInput(knowing(...impaired)))).toEqual({ answer: 'pass' });
  });

  test.each(['us-east-1a', 'use1-az1', 'us-east-1'])('holds for now where AWS has reported that %s is impaired', async (place) => {
    expect(await zone.check(guardInput(knowing('us-east-1b', place)))).toEqual({
      answer: 'hold',
      passing: true,
      reason: `AWS has reported that ${place} is impaired`,
    });
  });

  test('takes an unknown zone for no zone', async () => {
    const seen = facts({ instance: instance({ availabilityZone: 'unknown', zoneId: null }) });
    expect(await zone.check(guardInput({ ...knowing('use1-az1'), facts: seen }))).toEqual({ answer: 'pass' });
  });

  test('has nothing to say about a group as a whole', async () => {
    const input = guardInput({ action: scaleOut, target: { type: 'group', id: groupName }, facts: groupFacts() });
    expect(await zone.check(input)).toEqual({ answer: 'pass' });
  });

  test.each([
    ['denied', sdkError('AccessDeniedException', 400), false],
    ['timed out', sdkError('TimeoutError'), true],
  ])('is a hold where its look-up is %s', async (_, error, passing) => {
    const input = guardInput({ correlatedFailures: () => Promise.reject(error) });
    expect(await evaluateGuards([zone], input)).toMatchObject({ answer: 'hold', passing });
  });

  test.each([
    ['another one failed with it', [own, host('impaired', 15)], 'another one failed within 15 min'],
    ['two others did', [host('impaired', -14), own, host('impaired', 2)], '2 others failed'],
    ['EC2 does not say since when another one fails', [own, host('impaired')], 'another one'],
    ['of another one nothing is known', [own, host('insufficient-data')], 'another one'],
  ])('holds a move for now where no host in the zone is known to work, and %s', async (_, hosts, words) => {
    const { input, calls } = moving(hosts);
    expect(await zone.check(input)).toMatchObject({ answer: 'hold', passing: true, reason: expect.stringContaining(words) });
    expect(calls).toMatchObject([{ input: { Filters: [{ Name: 'availability-zone', Values: ['us-east-1a'] }] } }]);
  });

  test.each([
    ['another host in the zone works', [own, host('impaired', 1), host('ok')]],
    ['there is no other in the zone', [own]],
    ['another one has failed for longer', [own, host('impaired', 16)]],
    ['others are being launched, or have no checks', [own, host('initializing'), host('not-applicable')]],
  ])('lets a move pass where %s', async (_, hosts) => {
    expect(await zone.check(moving(hosts).input)).toEqual({ answer: 'pass' });
  });

  test('asks nothing of the others where the host is fine, or where a group replaces its member elsewhere', async () => {
    const inGroup = memberFacts({ status: failed });
    for (const { input, calls } of [moving([], facts(), rebootInstance), moving([], inGroup, replaceMember)]) {
      expect(await zone.check(input)).toEqual({ answer: 'pass' });
      expect(calls).toEqual([]);
    }
  });

  test('holds a move where the others can not be seen', async () => {
    const { input } = moving(sdkError('RequestLimitExceeded', 503));
    expect(await evaluateGuards([zone], input)).toMatchObject({ answer: 'hold', passing: true });
  });
});
