import { describe, expect, test } from '@jest/globals';
import type { Action } from '../../shared/actions/action.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { zoneHosts, zoneHostsPermissions } from '../../shared/guards/zone-hosts.ts';
import { sdkError } from '../aws/recorder.ts';
import { facts, instanceId, memberFacts, noon, status } from '../remediation/examples.ts';
import { lookingUp } from './look-up.ts';

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
    { action, facts: seen },
  );
const own = host('impaired', 0, instanceId);

describe('zone-hosts', () => {
  test.each([
    ['another one failed with it', [own, host('impaired', 15)], 'another one failed within 15 min'],
    ['two others did', [host('impaired', -14), own, host('impaired', 2)], '2 others failed'],
    ['EC2 does not say since when another one fails', [own, host('impaired')], 'another one'],
    ['of another one nothing is known', [own, host('insufficient-data')], 'another one'],
  ])('holds a move for now where no host in the zone is known to work, and %s', async (_, hosts, words) => {
    const { input, calls } = moving(hosts);
    expect(await zoneHosts.check(input)).toMatchObject({ answer: 'hold', passing: true, reason: expect.stringContaining(words) });
    expect(calls).toMatchObject([
      { permission: zoneHostsPermissions[0], input: { Filters: [{ Name: 'availability-zone', Values: ['us-east-1a'] }] } },
    ]);
  });

  test.each([
    ['another host in the zone works', [own, host('impaired', 1), host('ok')]],
    ['there is no other in the zone', [own]],
    ['another one has failed for longer', [own, host('impaired', 16)]],
    ['others are being launched, or have no checks', [own, host('initializing'), host('not-applicable')]],
  ])('lets a move pass where %s', async (_, hosts) => {
    expect(await zoneHosts.check(moving(hosts).input)).toEqual({ answer: 'pass' });
  });

  test('asks nothing of the others where the host is fine, or where a group replaces its member elsewhere', async () => {
    const inGroup = memberFacts({ status: failed });
    for (const { input, calls } of [moving([], facts(), rebootInstance), moving([], inGroup, replaceMember)]) {
      expect(await zoneHosts.check(input)).toEqual({ answer: 'pass' });
      expect(calls).toEqual([]);
    }
  });

  test('holds a move where the others can not be seen', async () => {
    const { input } = moving(sdkError('RequestLimitExceeded', 503));
    expect(await evaluateGuards([zoneHosts], input)).toMatchObject({ answer: 'hold', passing: true });
  });
});
