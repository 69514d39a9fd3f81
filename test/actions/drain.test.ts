import { describe, expect, test } from '@jest/globals';
import { drainCalls, interruptsInstance } from '../../shared/actions/drain.ts';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import type { Drained, Place } from '../../shared/model/drained.ts';
import { type Answer, recordingClients, sdkError } from '../aws/recorder.ts';
import { instanceId, noon } from '../remediation/examples.ts';

const arnOf = (name: string) => `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/0123456789abcdef`;
const place = (name: string, change: Partial<Place> = {}): Place => ({
  targetGroup: arnOf(name),
  id: instanceId,
  port: null,
  zone: null,
  ...change,
});
const places = [place('shop', { port: 80 }), place('shop', { port: 81, zone: 'all' }), place('admin')];
const alone: Drained = { places, standby: null, until: noon };
const member: Drained = { places, standby: 'web', until: noon };
const registered = [
  [
    arnOf('shop'),
    [
      { Id: instanceId, Port: 80 },
      { Id: instanceId, Port: 81, AvailabilityZone: 'all' },
    ],
  ],
  [arnOf('admin'), [{ Id: instanceId }]],
];

/** Makes one of the calls, where the group says so of the member's state, and these are still targets of that target group. */
const call = async (
  name: keyof typeof drainCalls,
  drained: Drained,
  { lifecycle, left = [], fails }: { lifecycle?: string; left?: string[]; fails?: string } = {},
) => {
  const Instances = [
    { InstanceId: 'i-0ffffffffffffffff', LifecycleState: 'InService' },
    ...(lifecycle === undefined ? [] : [{ InstanceId: instanceId, LifecycleState: lifecycle }]),
  ];
  const { clients, calls } = recordingClients((permission, { TargetGroupArn }): Answer => {
    if (permission === fails) return sdkError('AccessDenied', 403);
    if (permission === 'autoscaling:DescribeAutoScalingGroups') return { output: { AutoScalingGroups: [{ Instances }] } };
    const other = { Target: { Id: 'i-0ffffffffffffffff', Port: 80 }, TargetHealth: { State: 'healthy' } };
    const own = { Target: { Id: instanceId, Port: 80 }, TargetHealth: { State: 'draining' } };
    const of = left.some((one) => arnOf(one) === TargetGroupArn) ? [other, own] : [other];
    return { output: { TargetHealthDescriptions: of } };
  });
  const came = await drainCalls[name](clients, instanceId, drained);
  const made = calls.filter(({ permission }) => !permission.includes(':Describe')).map(({ permission, input }) => [permission, input]);
  return { came, made };
};

describe('an instance', () => {
  test('is taken out of its target groups, and put back, with every port and zone', async () => {
    const by = (permission: string) => registered.map(([TargetGroupArn, Targets]) => [permission, { TargetGroupArn, Targets }]);
    expect((await call('takeOut', alone)).made).toEqual(by('elasticloadbalancing:DeregisterTargets'));
    expect((await call('putBack', alone)).made).toEqual(by('elasticloadbalancing:RegisterTargets'));
  });

  test('of a group is taken out by a standby, so that no other is launched, and put back by its end', async () => {
    expect((await call('takeOut', member, { lifecycle: 'InService' })).made).toEqual([
      ['autoscaling:EnterStandby', { AutoScalingGroupName: 'web', InstanceIds: [instanceId], ShouldDecrementDesiredCapacity: true }],
    ]);
    expect((await call('putBack', member, { lifecycle: 'Standby' })).made).toEqual([
      ['autoscaling:ExitStandby', { AutoScalingGroupName: 'web', InstanceIds: [instanceId] }],
    ]);
  });

  test('of a group is not taken out or put back twice', async () => {
    for (const lifecycle of ['EnteringStandby', 'Standby']) expect((await call('takeOut', member, { lifecycle })).made).toEqual([]);
    for (const lifecycle of ['InService', 'Pending', undefined])
      expect((await call('putBack', member, lifecycle === undefined ? {} : { lifecycle })).made).toEqual([]);
    await expect(call('putBack', member, { lifecycle: 'EnteringStandby' })).rejects.toMatchObject({
      ...{ name: 'EnteringStandby', message: `${instanceId} is still EnteringStandby` },
    });
  });

  test('is out once no target is left of it, and, as a member, once it is on standby', async () => {
    const isOut = async (...given: [Drained, Parameters<typeof call>[2]?]) => (await call('isOut', ...given)).came;
    expect([await isOut(alone), await isOut(alone, { left: ['shop'] })]).toEqual([true, false]);
    expect([await isOut(member, { lifecycle: 'Standby' }), await isOut(member, { lifecycle: 'Standby', left: ['shop'] })]).toEqual([
      true,
      false,
    ]);
    expect([await isOut(member, { lifecycle: 'EnteringStandby' }), await isOut(member)]).toEqual([false, false]);
  });

  test.each<[keyof typeof drainCalls, Drained, string | undefined, string]>([
    ['takeOut', alone, undefined, 'elasticloadbalancing:DeregisterTargets'],
    ['takeOut', member, 'InService', 'autoscaling:EnterStandby'],
    ['putBack', alone, undefined, 'elasticloadbalancing:RegisterTargets'],
    ['putBack', member, 'Standby', 'autoscaling:ExitStandby'],
  ])('is not taken for done where AWS refuses: %s', async (name, drained, lifecycle, fails) => {
    await expect(call(name, drained, { fails, ...(lifecycle ? { lifecycle } : {}) })).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('is drained before what interrupts it and lets it go on', () => {
    const target = { type: 'instance', id: instanceId } as const;
    expect([rebootInstance, replaceMember, startInstance].map((action) => interruptsInstance(action, target))).toEqual([
      true,
      false,
      false,
    ]);
    expect(interruptsInstance(rebootDatabase, { type: 'database', id: 'orders' })).toBe(false);
  });
});
