import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { drain, planDrain } from '../../shared/guards/drain.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { facts, group, instance, instanceId, memberFacts, memberOf, policy } from '../remediation/examples.ts';
import { effective } from './examples.ts';
import { lookingUp } from './look-up.ts';

const arnOf = (name: string) => `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/0123456789abcdef`;
const health = (Id: string, State: string, Port = 80) => ({ Target: { Id, Port }, TargetHealth: { State } });
const serving = [health(instanceId, 'healthy', 8080), health('i-1', 'healthy'), health('i-2', 'healthy')];

type Input = Record<string, unknown>;
type Given = {
  /** What is registered in each target group. */
  targets?: Record<string, ReturnType<typeof health>[]>;
  /** Tags of target groups; all are opted in, unless said otherwise. */
  tags?: Record<string, Record<string, string>>;
  delays?: Record<string, string | undefined>;
  activities?: object[] | undefined;
  facts?: ResourceSnapshot;
};

/** An instance as its target groups and its group are described. */
const looking = ({ targets = { shop: serving }, tags = {}, delays = {}, activities = [], facts: seen = facts() }: Given = {}) => {
  const names = Object.keys(targets);
  const nameOf = (arn: unknown) => names.find((name) => arnOf(name) === arn) ?? '';
  const answers = {
    'ec2:DescribeInstances': { output: { Reservations: [{ Instances: [{ VpcId: 'vpc-1' }] }] } },
    'elasticloadbalancing:DescribeTargetGroups': {
      output: { TargetGroups: names.map((name) => ({ TargetGroupArn: arnOf(name), VpcId: 'vpc-1', LoadBalancerArns: ['lb'] })) },
    },
    'elasticloadbalancing:DescribeTargetHealth': ({ TargetGroupArn }: Input) => ({
      output: { TargetHealthDescriptions: targets[nameOf(TargetGroupArn)] },
    }),
    // In no order that anybody promises.
    'elasticloadbalancing:DescribeTags': ({ ResourceArns }: Input) => ({
      output: {
        TagDescriptions: (ResourceArns as string[]).toReversed().map((arn) => ({
          ResourceArn: arn,
          Tags: Object.entries(tags[nameOf(arn)] ?? { selfheal: 'on' }).map(([Key, Value]) => ({ Key, Value })),
        })),
      },
    }),
    'elasticloadbalancing:DescribeTargetGroupAttributes': ({ TargetGroupArn }: Input) => ({
      output: {
        Attributes: [
          { Key: 'stickiness.lb_cookie.duration_seconds', Value: '86400' },
          { Key: 'deregistration_delay.timeout_seconds', Value: delays[nameOf(TargetGroupArn)] },
        ],
      },
    }),
    'autoscaling:DescribeScalingActivities': { output: { Activities: activities } },
  };
  const { input, calls } = lookingUp(answers, { facts: seen, policy: effective({ drain: {} }) });
  return { input, calls, plan: (least?: number) => planDrain(input, least) };
};

const member = (change: Parameters<typeof group>[0] = {}, own: Parameters<typeof memberOf>[1] = {}) =>
  memberFacts({
    group: group({ members: [memberOf(instanceId, own), memberOf('i-0ffffffffffffffff')], ...change }),
  });

describe('a plan to drain', () => {
  test.each<[string, Given, string]>([
    ['there is no instance', { facts: facts({ instance: null }) }, 'there is no instance'],
    ['it is in no target group', { targets: { shop: [health('i-1', 'healthy')] } }, 'it is in no target group'],
    [
      'none of its targets is healthy',
      { targets: { shop: [health(instanceId, 'unhealthy'), ...serving.slice(1)] } },
      'none of its targets is healthy',
    ],
  ])('has nothing to do where %s', async (_, given, because) => {
    expect(await looking(given).plan()).toEqual({ kind: 'nothing', because });
  });

  test('deregisters a lone instance from all of its target groups by the longest delay', async () => {
    const targets = { shop: [...serving, health(instanceId, 'unhealthy', 9090)], admin: serving };
    const { plan } = looking({ targets, delays: { shop: '60', admin: '90' } });
    const place = (name: string, port: number) => ({ targetGroup: arnOf(name), id: instanceId, port, zone: null });
    expect(await plan()).toEqual({
      kind: 'drain',
      drained: { places: [place('shop', 8080), place('shop', 9090), place('admin', 8080)], standby: null },
      delay: 90,
    });
  });

  test('takes an instance out that serves by one of its ports alone', async () => {
    const targets = { shop: [...serving, health(instanceId, 'unhealthy', 9090)] };
    expect(await looking({ targets }).plan()).toMatchObject({ kind: 'drain' });
  });

  test('takes the default of five minutes for a delay that is not told', async () => {
    expect(await looking().plan()).toMatchObject({ kind: 'drain', delay: 300 });
    expect(await looking({ delays: { shop: '0' } }).plan()).toMatchObject({ kind: 'drain', delay: 0 });
  });

  test.each([
    ['two others', 0, 'drain', undefined],
    ['one other', 1, 'cannot', 'only 1 other is healthy in target group shop'],
    ['no other', 2, 'cannot', 'only 0 others are healthy in target group shop'],
  ])('with %s that are healthy', async (_, sick, kind, because) => {
    const others = ['i-1', 'i-2'].map((id, at) => health(id, at < sick ? 'unhealthy' : 'healthy'));
    const { plan } = looking({ targets: { admin: serving, shop: [health(instanceId, 'healthy'), ...others] } });
    expect(await plan()).toMatchObject({ kind, ...(because === undefined ? {} : { because }) });
  });

  test('needs as many others as its caller asks for', async () => {
    expect(await looking().plan(3)).toMatchObject({ kind: 'cannot' });
    expect(await looking({ targets: { shop: serving.slice(0, 2) } }).plan(1)).toMatchObject({ kind: 'drain' });
  });

  test('needs the opt-in of each target group of a lone instance, however many there are', async () => {
    const many = Array.from({ length: 45 }, (_, at) => `shop-${at}`);
    const targets = Object.fromEntries(many.map((name) => [name, serving]));
    const all = looking({ targets });
    expect(await all.plan()).toMatchObject({ kind: 'drain' });
    const asked = all.calls.filter(({ permission }) => permission === 'elasticloadbalancing:DescribeTags');
    expect(asked.flatMap(({ input }) => input.ResourceArns)).toEqual(many.map(arnOf));
    // The service takes no more at once.
    expect(Math.max(...asked.map(({ input }) => (input.ResourceArns as string[]).length))).toBe(20);
    for (const [name, tags] of [
      ['shop-0', {}],
      ['shop-20', { selfheal: 'off' }],
      ['shop-44', { other: 'on' }],
    ] as const) {
      const because = `target group ${name} is not opted in: no tag selfheal=on`;
      expect(await looking({ targets, tags: { [name]: tags } }).plan()).toEqual({ kind: 'cannot', because });
    }
  });

  test("puts a group's member on standby, whatever the tags of its target group", async () => {
    const over = [{ EndTime: new Date(0), StatusCode: 'InProgress' }, { StatusCode: 'Failed' }, { StatusCode: 'Cancelled' }];
    const { plan, calls } = looking({ facts: member(), tags: { shop: {} }, activities: over });
    expect(await plan()).toMatchObject({ kind: 'drain', drained: { standby: 'web' } });
    const asked = calls.find(({ permission }) => permission === 'autoscaling:DescribeScalingActivities');
    // Several begin in one breath, and the newest may be over first.
    expect(asked?.input).toEqual({ AutoScalingGroupName: 'web', MaxRecords: 20 });
  });

  test.each<[string, Given, string]>([
    ['there is no group', { facts: memberFacts({ group: null }) }, 'its group does not list it'],
    ['its group does not list it', { facts: member({ members: [memberOf('i-1')] }) }, 'its group does not list it'],
    ['its group is not opted in', { facts: member({ tags: {} }) }, 'group web is not opted in'],
    ['it is on standby', { facts: member({}, { lifecycleState: 'Standby' }) }, 'it is Standby in group web'],
    ['its group is at its minimum', { facts: member({ min: 2 }) }, 'group web is at its minimum of 2'],
    ...['Launch', 'AddToLoadBalancer'].map((process): [string, Given, string] => [
      `${process} is suspended`,
      { facts: member({ suspendedProcesses: ['AZRebalance', process] }) },
      `group web would not take it back: ${process} suspended`,
    ]),
    [
      'its group launches',
      { facts: member(), activities: [{ StatusCode: 'InProgress', Description: 'Launching a new EC2 instance' }] },
      'group web is at work: Launching a new EC2 instance',
    ],
    ['its group does something', { facts: member(), activities: [{ StatusCode: 'InProgress' }] }, 'group web is at work: an activity'],
  ])('is impossible where %s', async (_, given, because) => {
    expect(await looking(given).plan()).toEqual({ kind: 'cannot', because });
  });
});

describe('drain', () => {
  const alone = { targets: { shop: serving.slice(0, 2) } };
  const reason = `${instanceId} serves requests and can't be drained: only 1 other is healthy in target group shop`;

  test('leaves one that serves and cannot be drained to a person, or has it acted upon where the policy says so', async () => {
    const { input } = looking(alone);
    expect(await drain.check(input)).toEqual({ answer: 'escalate', reason });
    expect(await drain.check({ ...input, policy: effective({ drain: { else: 'act' } }) })).toEqual({ answer: 'pass' });
    expect(await drain.check(looking().input)).toEqual({ answer: 'pass' });
  });

  test('looks at nothing where the policy has no drain, nor before a replacement', async () => {
    const { input, calls } = looking(alone);
    expect(drain.isOpen(rebootInstance, 'instance', policy({}))).toBe(false);
    expect(drain.isOpen(rebootInstance, 'instance', policy({ drain: {} }))).toBe(true);
    expect(await drain.check({ ...input, policy: effective() })).toEqual({ answer: 'pass' });
    expect(await drain.check({ ...input, action: replaceMember })).toEqual({ answer: 'pass' });
    expect(calls).toEqual([]);
  });

  test('passes where no request reaches it', async () => {
    const { input } = looking({ facts: facts({ instance: instance() }), targets: { shop: serving.slice(1) } });
    expect(await drain.check(input)).toEqual({ answer: 'pass' });
  });
});
