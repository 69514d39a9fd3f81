import { CreateOrUpdateTagsCommand, DeleteTagsCommand as DeleteGroupTagsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand, DisableAlarmActionsCommand, PutMetricAlarmCommand, UntagResourceCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTagsCommand, DeleteTagsCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, CreateServiceCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateAliasCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AwsError } from '#local-aws/errors';
import { createFleet } from '../../local/testbed/fleet.ts';
import { createHost, type Host, type HostOptions } from '../../local/testbed/host.ts';
import { policySchema } from '../../shared/model/policy.ts';
import {
  createEarlyWarning,
  type EarlyWarningDeps,
  EarlyWarningIncompleteError,
  type Report,
} from '../../shared/recommended-alarms/index.ts';
import { alarmKindOf, prefixOf } from '../../shared/recommended-alarms/name.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

let open: Host | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const setUp = async (options: Partial<HostOptions> = {}) => {
  const host = await createHost({ seed: 7, start, account: '111122223333', region: 'us-east-1', ...options });
  open = host;
  const topicArn = host.alarmTopicArn;
  const logged: object[] = [];
  // The operator's calls aren't throttled in this world; where it matters a test takes selfheal's own.
  const run = (
    event: unknown = {},
    clients = host.operator,
    remaining = 60_000,
    policy: EarlyWarningDeps['policy'] = host.policy,
  ): Promise<Report> => {
    const handler = createEarlyWarning({ clients, policy, topicArn, log: (entry) => logged.push(entry), now: host.aws.world.clock.now });
    return handler(event as never, { getRemainingTimeInMillis: () => remaining } as never) as Promise<Report>;
  };
  const alarms = async () =>
    (await host.operator.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'early-warning/', MaxRecords: 100 }))).MetricAlarms ??
    [];
  const alarmKinds = async () => (await alarms()).map(({ AlarmName = '' }) => alarmKindOf(topicArn, AlarmName)).sort();
  const pass = (minutes: number) => host.run(() => false, host.aws.world.clock.now() + minutes * minute);
  return { host, topicArn, fleet: createFleet(host), logged, run, alarms, alarmKinds, pass };
};

/** A target group behind a load balancer, or behind none. */
const targetGroup = async ({ operator }: Host, Name: string, used: boolean): Promise<string> => {
  const { TargetGroups } = await operator.elb.send(
    new CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-0123456789abcdef0', TargetType: 'instance' }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  if (!used) return TargetGroupArn;
  const { LoadBalancers } = await operator.elb.send(
    new CreateLoadBalancerCommand({ Name: `front-${Name}`, Subnets: ['subnet-0a', 'subnet-0b'] }),
  );
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
  await operator.elb.send(new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions }));
  return TargetGroupArn;
};

const loneWhats = ['cpu', 'disk-by-monday', 'disk-within-hours', 'instance-check', 'memory', 'system-check'];
const tag = (Value: string) => [{ Key: 'selfheal', Value }];

describe('early warning', () => {
  test('tag it, and it is watched and healed: a hung kernel is found by an alarm that nobody made by hand', async () => {
    const { host, fleet, run, alarmKinds, pass } = await setUp();
    const target = await fleet.instance({ name: 'lone', optedIn: false });
    await pass(10);
    expect(await run()).toMatchObject({ made: 0, problems: [] });
    await host.operator.ec2.send(new CreateTagsCommand({ Resources: [target], Tags: tag('on') }));
    await pass(1);
    expect(await run()).toMatchObject({ made: 6, problems: [] });
    expect(await alarmKinds()).toEqual(loneWhats);
    await pass(10);
    host.aws.faults.inject({ fault: 'hang-kernel', target });
    await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 3 * hour);
    expect(host.outcomes.map(({ failure, status, resource }) => [failure, status, resource.id])).toEqual([
      ['instance-unreachable', 'healed', target],
    ]);
  });

  test('a disk that fills is told to a person hours before it is full', async () => {
    const { host, fleet, run, pass } = await setUp();
    const target = await fleet.instance({ name: 'lone' });
    await pass(10);
    await run();
    await pass(10);
    host.aws.faults.inject({ fault: 'fill-disk', target });
    await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 8 * hour);
    expect(host.outcomes).toMatchObject([{ failure: 'disk-full', status: 'escalated', resource: { type: 'instance', id: target } }]);
    expect(host.outcomes[0]?.timeline[0]?.text).toContain('early-warning/');
  });

  test('watches groups, and leaves a member’s load to its group', async () => {
    const { fleet, run, alarmKinds, pass } = await setUp();
    await fleet.group({ name: 'web', min: 1, max: 3, desired: 1 });
    await pass(10);
    await run();
    expect(await alarmKinds()).toEqual(loneWhats);
  });

  test('run again changes nothing', async () => {
    const { fleet, run, alarms, pass } = await setUp();
    await fleet.instance({ name: 'lone' });
    await fleet.group({ name: 'web', min: 1, max: 3, desired: 1 });
    await pass(10);
    await run();
    const before = (await alarms()).map(({ AlarmConfigurationUpdatedTimestamp }) => AlarmConfigurationUpdatedTimestamp);
    await pass(5);
    expect(await run()).toMatchObject({ made: 0, changed: 0, removed: 0, kept: 12 });
    expect((await alarms()).map(({ AlarmConfigurationUpdatedTimestamp }) => AlarmConfigurationUpdatedTimestamp)).toEqual(before);
  });

  test('takes the alarms away with the opt-in and with the resource, and no others', async () => {
    const { host, fleet, run, alarms, pass } = await setUp();
    const [gone, out, stays] = [
      await fleet.instance({ name: 'a' }),
      await fleet.instance({ name: 'b' }),
      await fleet.instance({ name: 'c' }),
    ];
    await fleet.group({ name: 'web', min: 0, max: 1, desired: 0 });
    await fleet.statusAlarm(gone, 'System');
    await pass(10);
    expect(await run()).toMatchObject({ made: 19 });
    await host.operator.ec2.send(new TerminateInstancesCommand({ InstanceIds: [gone] }));
    await host.operator.ec2.send(new DeleteTagsCommand({ Resources: [out], Tags: [{ Key: 'selfheal' }] }));
    const group = { ResourceId: 'web', ResourceType: 'auto-scaling-group', Key: 'selfheal' };
    await host.operator.autoScaling.send(new DeleteGroupTagsCommand({ Tags: [group] }));
    await pass(10);
    expect(await run()).toMatchObject({ made: 0, removed: 0, marked: 13, kept: 6 });
    await pass(1);
    expect(await run()).toMatchObject({ removed: 0, marked: 13 });
    await pass(14);
    expect(await run()).toMatchObject({ made: 0, removed: 13, marked: 0, kept: 6 });
    expect((await alarms()).every(({ AlarmName }) => AlarmName?.includes(stays))).toBe(true);
    const { MetricAlarms } = await host.operator.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: gone }));
    expect(MetricAlarms).toHaveLength(1);
  });

  test('gives queues their alarms where the policy names what may be done to them', async () => {
    const { host, run, alarmKinds, alarms } = await setUp();
    const sqs = host.operator.of(SQSClient);
    const create = async (QueueName: string, of: object) => sqs.send(new CreateQueueCommand({ QueueName, ...of }));
    await create('dead', { tags: { selfheal: 'on' } });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: host.aws.world.arn('sqs', 'dead'), maxReceiveCount: 3 });
    await create('orders', { tags: { selfheal: 'on' }, Attributes: { RedrivePolicy, MessageRetentionPeriod: '3600' } });
    await create('unwatched', { tags: { selfheal: 'on', 'selfheal:unwatched': 'queue-age' } });
    await create('other', { tags: { selfheal: 'off' } });
    await run();
    expect(await alarmKinds()).toEqual([]);
    const named = { ...host.policy, redrive: policySchema.parse({ redrive: {} }).redrive };
    await run({}, host.operator, 60_000, named);
    const made = (await alarms()).map(({ Dimensions, MetricName, Threshold }) => [Dimensions?.[0]?.Value, MetricName, Threshold]);
    expect(made.sort()).toEqual([
      ['dead', 'ApproximateNumberOfMessagesVisible', 1],
      ['orders', 'ApproximateAgeOfOldestMessage', 1800],
    ]);
  });

  test('gives functions and services of ECS their alarms where the policy names what may be done to them', async () => {
    const { host, run, alarmKinds, alarms, topicArn } = await setUp();
    const lambda = host.operator.of(LambdaClient);
    for (const [FunctionName, Tags] of Object.entries({
      resize: { selfheal: 'on' },
      plain: { selfheal: 'on', 'selfheal:unwatched': 'function-throttles' },
      other: { selfheal: 'off' },
    })) {
      const Role = 'arn:aws:iam::111122223333:role/shop';
      const Code = { ZipFile: new Uint8Array([1]) };
      await lambda.send(
        new CreateFunctionCommand({ FunctionName, Role, Runtime: 'nodejs24.x', Handler: 'index.handler', Code, Tags, Publish: true }),
      );
    }
    await lambda.send(new CreateAliasCommand({ FunctionName: 'resize', Name: 'live', FunctionVersion: '1' }));
    const ecs = host.operator.of(ECSClient);
    await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'shop', containerDefinitions: [{ name: 'app', image: 'shop:1' }] }));
    const shop = { cluster: 'prod', taskDefinition: 'shop', desiredCount: 1, launchType: 'FARGATE' as const };
    for (const [serviceName, value] of Object.entries({ checkout: 'on', other: 'off' }))
      await ecs.send(new CreateServiceCommand({ ...shop, serviceName, tags: [{ key: 'selfheal', value }] }));
    await run();
    expect(await alarmKinds()).toEqual([]);
    const { lambda: functions, ecs: services } = policySchema.parse({ lambda: { rollback: { alias: 'live' } }, ecs: { scale: 'on' } });
    await run({}, host.operator, 60_000, { ...host.policy, lambda: functions, ecs: services });
    const made = (await alarms()).map(({ AlarmName = '', Dimensions = [] }) => [
      alarmKindOf(topicArn, AlarmName),
      ...Dimensions.map(({ Value }) => Value),
    ]);
    expect(made.sort()).toEqual([
      ['cpu', 'prod', 'checkout'],
      ['function-errors', 'plain'],
      ['function-errors', 'resize', 'resize:live'],
      ['function-throttles', 'resize'],
      ['memory', 'prod', 'checkout'],
    ]);
  });

  test('counts only the very value of the tag', async () => {
    const { host, fleet, run, alarmKinds, pass } = await setUp();
    const other = await fleet.instance({ name: 'other', optedIn: false });
    // EC2 knows of it by then.
    await pass(1);
    await host.operator.ec2.send(new CreateTagsCommand({ Resources: [other], Tags: tag('On') }));
    await fleet.group({ name: 'web', min: 0, max: 1, desired: 0, optedIn: false });
    const Tags = [{ ResourceId: 'web', ResourceType: 'auto-scaling-group', PropagateAtLaunch: false, Key: 'selfheal', Value: 'off' }];
    await host.operator.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags }));
    await pass(10);
    await run();
    // To EC2's filters a star stands for anything.
    await run({}, host.operator, 60_000, { ...host.policy, optIn: { key: 'selfheal', value: 'O*' } });
    expect(await alarmKinds()).toEqual([]);
  });

  test('changes nothing under a policy that cannot be used, and says why', async () => {
    const { host, fleet, run, alarms, pass } = await setUp();
    await fleet.instance({ name: 'lone' });
    await pass(10);
    const policy = { ...host.policy, problem: 'it names an action that there is not' };
    const error = await run({}, host.operator, 60_000, policy).catch((thrown: EarlyWarningIncompleteError) => thrown);
    expect(error).toBeInstanceOf(EarlyWarningIncompleteError);
    expect((error as EarlyWarningIncompleteError).report).toMatchObject({ made: 0, problems: [policy.problem] });
    expect(await alarms()).toEqual([]);
  });

  test('mends what was changed, but leaves actions off that somebody turned off', async () => {
    const { host, fleet, run, alarms, pass } = await setUp();
    await fleet.instance({ name: 'lone' });
    await pass(10);
    await run();
    const [first] = await alarms();
    const AlarmName = first?.AlarmName ?? '';
    const changed = { AlarmName, Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Period: 60, Statistic: 'Sum' as const };
    await host.operator.cloudWatch.send(
      new PutMetricAlarmCommand({ ...changed, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' }),
    );
    await host.operator.cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames: [AlarmName] }));
    expect(await run()).toMatchObject({ made: 0, changed: 1, kept: 5 });
    expect((await alarms())[0]).toMatchObject({ Threshold: first?.Threshold, Statistic: first?.Statistic, ActionsEnabled: false });
    expect(await run()).toMatchObject({ changed: 0, kept: 6 });
  });

  test('leaves alarms alone that have such a name but not the tag, whether they are to change or to go', async () => {
    const { host, fleet, run, alarms, pass } = await setUp();
    const target = await fleet.instance({ name: 'lone' });
    await pass(10);
    await run();
    const [first] = await alarms();
    await host.operator.cloudWatch.send(new UntagResourceCommand({ ResourceARN: first?.AlarmArn, TagKeys: ['selfheal:made-by'] }));
    await host.operator.ec2.send(new TerminateInstancesCommand({ InstanceIds: [target] }));
    await pass(10);
    await run().catch(() => null);
    await pass(15);
    const error = await run().catch((thrown: EarlyWarningIncompleteError) => thrown);
    expect(error).toBeInstanceOf(EarlyWarningIncompleteError);
    expect((error as EarlyWarningIncompleteError).report).toMatchObject({ removed: 5, problems: [expect.stringContaining('left alone')] });
    expect((await alarms()).map(({ AlarmName }) => AlarmName)).toEqual([first?.AlarmName]);
  });

  test('bears that another run has just deleted what it was about to', async () => {
    let late = false;
    const { host, fleet, run, pass } = await setUp({
      interceptors: [
        {
          before: ({ operation }) => {
            if (late && operation === 'ListTagsForResource') throw new AwsError('ResourceNotFoundException', 'gone', 404);
          },
        },
      ],
    });
    const target = await fleet.instance({ name: 'lone' });
    await pass(10);
    await run();
    await host.operator.ec2.send(new TerminateInstancesCommand({ InstanceIds: [target] }));
    await pass(10);
    late = true;
    expect(await run()).toMatchObject({ removed: 0, problems: [] });
  });

  test('a dry run says what it would do, and does nothing', async () => {
    const { fleet, run, alarms, topicArn, logged, pass } = await setUp();
    await fleet.instance({ name: 'lone' });
    await pass(10);
    const report = await run({ dryRun: true });
    expect(logged).toEqual([expect.objectContaining({ level: 'INFO', dryRun: true, made: 0 })]);
    expect(JSON.stringify(logged).length).toBeLessThan(500);
    expect(report).toMatchObject({ dryRun: true, made: 0, would: { change: [], remove: [] } });
    expect(report.dryRun && report.would.make.map((name) => alarmKindOf(topicArn, name)).sort()).toEqual(loneWhats);
    expect(await alarms()).toEqual([]);
  });

  test('bears throttling: what is left is done by the next runs', async () => {
    const { host, fleet, run, alarmKinds, pass } = await setUp();
    await fleet.instance({ name: 'lone' });
    await pass(10);
    const first = await run({}, host.clients);
    expect(first).toMatchObject({ made: 3, left: 3, problems: [] });
    await pass(1);
    expect(await run({}, host.clients)).toMatchObject({ made: 3, left: 0 });
    expect(await alarmKinds()).toEqual(loneWhats);
  });

  test('stops in time, and leaves the rest to the next run', async () => {
    const { host, fleet, run, alarmKinds, pass } = await setUp();
    await fleet.instance({ name: 'lone' });
    await pass(10);
    expect(await run({}, host.operator, 5000)).toMatchObject({ made: 0, left: 6 });
    expect(await alarmKinds()).toEqual([]);
  });

  test('one look-up that fails takes no alarm away, and the others are still done', async () => {
    let broken = false;
    const { host, fleet, run, alarmKinds, pass } = await setUp({
      interceptors: [
        {
          before: ({ operation }) => {
            if (broken && operation === 'DescribeInstances') throw new AwsError('UnauthorizedOperation', 'no', 403);
          },
        },
      ],
    });
    await fleet.instance({ name: 'lone' });
    await pass(10);
    await run({}, host.operator);
    await fleet.group({ name: 'web', min: 0, max: 1, desired: 0 });
    broken = true;
    const error = (await run().catch((thrown) => thrown)) as EarlyWarningIncompleteError;
    expect(error.report).toMatchObject({
      made: 1,
      removed: 0,
      problems: [expect.stringMatching(/^instances could not be looked up: Unauth/)],
    });
    expect(await alarmKinds()).toEqual(['cpu', ...loneWhats].sort());
  });

  /** Six alarms each, and lists of instances that come back empty as long as one says so. */
  const withEmptyLists = async (instances: number) => {
    let empty = false;
    const set = await setUp({
      interceptors: [{ after: ({ operation }) => (empty && operation === 'DescribeInstances' ? 'empty' : undefined) }],
    });
    for (let i = 0; i < instances; i++) await set.fleet.instance({ name: `lone-${i}` });
    await set.pass(10);
    await set.run();
    const lists = (answer: 'empty' | 'full') => {
      empty = answer === 'empty';
    };
    return { ...set, lists };
  };

  test('takes no alarm away for one list that comes back empty', async () => {
    const { run, alarmKinds, pass, lists } = await withEmptyLists(1);
    lists('empty');
    expect(await run()).toMatchObject({ removed: 0, marked: 6 });
    lists('full');
    await pass(15);
    expect(await run()).toMatchObject({ removed: 0, changed: 6 });
    // They were needed in between.
    lists('empty');
    await pass(15);
    expect(await run()).toMatchObject({ removed: 0, marked: 6 });
    // What was found three hours ago is no first time of this one.
    await pass(180);
    expect(await run()).toMatchObject({ removed: 0, marked: 6 });
    expect(await alarmKinds()).toEqual(loneWhats);
  });

  test('never takes most alarms away at once, unless somebody says that it is so', async () => {
    const { run, alarms, pass, lists } = await withEmptyLists(4);
    lists('empty');
    for (let runs = 0; runs < 3; runs++) {
      const error = (await run().catch((thrown) => thrown)) as EarlyWarningIncompleteError;
      expect(error.report).toMatchObject({ removed: 0, marked: 0, problems: [expect.stringContaining('24 of 24 alarms')] });
      await pass(15);
    }
    expect(await run({ removeMost: true })).toMatchObject({ marked: 24 });
    await pass(15);
    expect(await run({ removeMost: true })).toMatchObject({ removed: 24 });
    expect(await alarms()).toEqual([]);
  });

  test('watches target groups that are opted in, and those of opted-in groups', async () => {
    const { host, fleet, run, alarms, pass } = await setUp();
    const arns = await Promise.all(['tagged', 'of-group', 'neither', 'unused'].map((name) => targetGroup(host, name, name !== 'unused')));
    const [tagged = '', ofGroup = ''] = arns;
    await host.operator.elb.send(new AddTagsCommand({ ResourceArns: [tagged], Tags: tag('on') }));
    await fleet.group({ name: 'web', min: 0, max: 1, desired: 0, targetGroupArns: [ofGroup] });
    await pass(2);
    await run();
    const watched = (await alarms()).filter(({ MetricName }) => MetricName === 'UnHealthyHostCount');
    expect(watched.map(({ Dimensions }) => Dimensions?.find(({ Name }) => Name === 'TargetGroup')?.Value).sort()).toEqual(
      [tagged, ofGroup].map((arn) => arn.slice(arn.indexOf('targetgroup/'))).sort(),
    );
    expect(watched[0]?.Dimensions?.find(({ Name }) => Name === 'LoadBalancer')?.Value).toMatch(/^app\/[a-z-]+\/[0-9a-f]{16}$/);
  });

  test('refuses an event that is none', async () => {
    const { run } = await setUp();
    await expect(run({ dryRun: 'yes' })).rejects.toThrow(/dryRun/);
  });

  test('each stage has its own', async () => {
    expect(prefixOf('arn:aws:sns:us-east-1:111122223333:selfheal-dev-alarms')).not.toBe(
      prefixOf('arn:aws:sns:us-east-1:111122223333:selfheal-prod-alarms'),
    );
  });
});
