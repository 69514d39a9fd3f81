import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { ModifyInstanceAttributeCommand, ModifyInstanceMaintenanceOptionsCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import type { ActingAlarm } from '../../src/core/service-interfaces.ts';
import { createLocalAws } from '../../src/local-aws.ts';
import { AwsError } from '../../src/wire/protocol/errors.ts';
import { localClients, refusal, statusCheck, worldOptions } from '../harness.ts';
import { cloudWatchWorld, minute, topic } from './setup.ts';

const automate = (verb: string) => `arn:aws:automate:us-east-1:ec2:${verb}`;
const swf = (verb: string) => `arn:aws:swf:us-east-1:${worldOptions.account}:action/actions/AWS_EC2.InstanceId.${verb}/1.0`;
const policy = `arn:aws:autoscaling:us-east-1:${worldOptions.account}:scalingPolicy:1-2-3:autoScalingGroupName/web:policyName/out`;

/** A whole AWS with one instance and an alarm on its system status check, which is forced into its states. */
const account = async (change: Partial<PutMetricAlarmCommandInput> = {}) => {
  const aws = createLocalAws(worldOptions);
  const { cloudWatch, cloudTrail, ec2 } = localClients(aws.handle);
  const pass = (minutes: number) => aws.world.clock.advanceTo(aws.world.clock.now() + minutes * minute);
  const { id } = aws.ec2.launch({
    imageId: 'ami-0123456789abcdef0',
    instanceType: 't3.micro',
    availabilityZone: 'us-east-1a',
    tags: [],
  });
  pass(10);
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'host',
      ...statusCheck(id),
      MetricName: 'StatusCheckFailed_System',
      ...change,
    }),
  );
  const force = (StateValue: StateValue) =>
    cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'host', StateValue, StateReason: 'a test' }));
  const actions = async () =>
    (await cloudWatch.send(new DescribeAlarmHistoryCommand({ AlarmName: 'host', HistoryItemType: 'Action' }))).AlarmHistoryItems ?? [];
  const calls = (operation: string) => aws.world.calls.filter((call) => call.operation === operation);
  const health = () =>
    aws.world.outbox.flatMap((delivery) =>
      delivery.to === 'eventbridge' && delivery.event['detail-type'] === 'AWS Health Event' ? [delivery.event.detail.eventTypeCode] : [],
    );
  const view = () => aws.ec2.get(id);
  return { ...aws, local: aws.ec2, ec2, cloudWatch, cloudTrail, pass, id, force, actions, calls, health, view };
};

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/UsingAlarmActions.html
describe('EC2 actions of an alarm', () => {
  test.each([
    ['stop', automate('stop'), 'stopped'],
    ['terminate', automate('terminate'), 'terminated'],
    ['stop, as the console writes it,', swf('Stop'), 'stopped'],
    ['terminate, as the console writes it,', swf('Terminate'), 'terminated'],
  ])('%s is carried out once the alarm goes off', async (_, action, state) => {
    const { force, pass, view, actions } = await account({ AlarmActions: [action] });
    pass(1);
    expect(view()?.state).toBe('running');
    await force('ALARM');
    pass(2);
    expect(view()?.state).toBe(state);
    expect(await actions()).toMatchObject([{ HistorySummary: `Successfully executed action ${action}` }]);
  });

  test.each([automate('reboot'), swf('Reboot')])('%s boots the instance again', async (action) => {
    const { force, pass, view, local, id } = await account({ AlarmActions: [action] });
    const boots = view()?.boots ?? 0;
    local.faults['hang-kernel'](id);
    await force('ALARM');
    pass(15);
    expect(view()?.boots).toBe(boots + 1);
    expect(view()).toMatchObject({ state: 'running', reachable: true });
  });

  test('the evaluation of a metric sets them off just as well', async () => {
    const { local, id, pass, view } = await account({ AlarmActions: [automate('stop')] });
    local.faults['fail-host'](id);
    pass(30);
    expect(['stopping', 'stopped']).toContain(view()?.state);
  });

  test.each<[string, Partial<PutMetricAlarmCommandInput>, StateValue]>([
    ['when the alarm is fine again', { OKActions: [automate('stop')] }, 'OK'],
    ['when the data is insufficient', { InsufficientDataActions: [automate('stop')] }, 'INSUFFICIENT_DATA'],
  ])('run %s, where they are set for that', async (_, change, state) => {
    const { force, pass, view } = await account(change);
    await force('ALARM');
    pass(0.1);
    expect(view()?.state).toBe('running');
    await force(state);
    pass(2);
    expect(view()?.state).toBe('stopped');
  });

  test('don’t run while the actions of the alarm are disabled, though the event is sent', async () => {
    const { force, pass, view, actions, cloudWatch, world } = await account({ AlarmActions: [automate('stop')], ActionsEnabled: false });
    world.outbox.length = 0;
    await force('ALARM');
    pass(0.5);
    expect(view()?.state).toBe('running');
    expect(await actions()).toEqual([]);
    expect(world.outbox).toMatchObject([{ to: 'eventbridge', event: { detail: { state: { value: 'ALARM' } } } }]);
    await cloudWatch.send(new EnableAlarmActionsCommand({ AlarmNames: ['host'] }));
    await force('OK');
    await force('ALARM');
    pass(2);
    expect(view()?.state).toBe('stopped');
  });

  test('run at a change of state only, not while it lasts', async () => {
    const { force, pass, calls, local, id } = await account({ AlarmActions: [automate('reboot')] });
    local.faults['hang-kernel'](id);
    await force('ALARM');
    await force('ALARM');
    pass(0.5);
    expect(calls('RebootInstances')).toHaveLength(1);
  });

  test('CloudTrail tells of them as calls that CloudWatch’s own role made', async () => {
    const { force, pass, cloudTrail, id } = await account({ AlarmActions: [automate('stop')] });
    await force('ALARM');
    pass(20);
    const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue: id }];
    const { Events = [] } = await cloudTrail.send(new LookupEventsCommand({ LookupAttributes }));
    expect(Events).toMatchObject([{ EventName: 'StopInstances', EventSource: 'ec2.amazonaws.com', Username: 'events' }]);
    expect(JSON.parse(Events[0]?.CloudTrailEvent ?? '')).toMatchObject({
      sourceIPAddress: 'events.amazonaws.com',
      userAgent: 'events.amazonaws.com',
      userIdentity: {
        type: 'AssumedRole',
        arn: `arn:aws:sts::${worldOptions.account}:assumed-role/AWSServiceRoleForCloudWatchEvents/events`,
        invokedBy: 'events.amazonaws.com',
      },
    });
  });

  test('that EC2 refuses fail, and the history and CloudTrail say why', async () => {
    const { ec2, force, pass, view, actions, calls, id } = await account({ AlarmActions: [automate('terminate'), topic] });
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: true } }));
    await force('ALARM');
    pass(2);
    expect(view()?.state).toBe('running');
    expect(calls('TerminateInstances')).toMatchObject([{ error: 'OperationNotPermitted' }]);
    const [notified, failed] = await actions();
    expect(notified?.HistorySummary).toBe(`Successfully executed action ${topic}`);
    expect(failed?.HistorySummary).toMatch(
      /^Failed to execute action arn:aws:automate:us-east-1:ec2:terminate\. Received error: "Operation/,
    );
    expect(JSON.parse(failed?.HistoryData ?? '')).toMatchObject({ actionState: 'Failed', notificationResource: automate('terminate') });
  });

  test('on an instance that doesn’t exist fail', async () => {
    const Dimensions = [{ Name: 'InstanceId', Value: 'i-0aaaaaaaaaaaaaaaa' }];
    const { force, actions } = await account({ AlarmActions: [automate('stop'), automate('recover')], Dimensions });
    await force('ALARM');
    const summaries = (await actions()).map(({ HistorySummary }) => HistorySummary);
    expect(summaries).toEqual([expect.stringMatching(/InvalidInstanceID/), expect.stringMatching(/InvalidInstanceID/)]);
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cloudwatch-recovery.html
describe('the recover action', () => {
  /** Where EC2 doesn't do it by itself. */
  const lonely = async (AlarmActions: string[]) => {
    const it = await account({ AlarmActions });
    await it.ec2.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId: it.id, AutoRecovery: 'disabled' }));
    return it;
  };

  test.each([automate('recover'), swf('Recover')])('%s moves an instance off its failed host, and AWS Health tells', async (action) => {
    const { local, id, pass, health, view, actions, calls } = await lonely([action]);
    local.faults['fail-host'](id);
    pass(30);
    expect(await actions()).toMatchObject([{ HistorySummary: `Successfully executed action ${action}` }]);
    expect(calls('RecoverInstances')).toMatchObject([{ error: null }]);
    expect(health()).toEqual(['AWS_EC2_INSTANCE_AUTO_RECOVERY_SUCCESS']);
    expect(view()).toMatchObject({ state: 'running', systemStatus: 'ok', reachable: true });
  });

  test('fails where there is no capacity, and AWS Health tells', async () => {
    const { local, id, pass, health, view } = await lonely([automate('recover')]);
    local.faults['exhaust-zone']('us-east-1a');
    local.faults['fail-host'](id);
    pass(30);
    expect(health()).toEqual(['AWS_EC2_INSTANCE_AUTO_RECOVERY_FAILURE']);
    expect(view()?.systemStatus).toBe('impaired');
  });

  test.each(['fail-host', 'dark-zone'] as const)('does nothing more where the host is well again by then: %s', async (fault) => {
    const { local, id, pass, health, force } = await lonely([automate('recover')]);
    const mend = local.faults[fault](fault === 'fail-host' ? id : 'us-east-1a');
    await force('ALARM');
    mend();
    pass(10);
    expect(health()).toEqual([]);
  });

  test.each<[string, (it: Awaited<ReturnType<typeof account>>) => void]>([
    ['an instance that is well', () => {}],
    ['an instance that does not run', ({ local, id, pass }) => [local.shutDown(id, 'guest'), pass(2)]],
    [
      'an instance that EC2 retires',
      ({ local, id, world }) => [local.faults['fail-host'](id), local.scheduleRetirement(id, world.clock.now() + 60 * minute)],
    ],
  ])('is refused on %s', async (_, prepare) => {
    const it = await lonely([automate('recover')]);
    prepare(it);
    it.world.outbox.length = 0;
    await it.force('ALARM');
    expect(it.calls('RecoverInstances')).toMatchObject([
      { error: expect.stringMatching(/^(IncorrectInstanceState|UnsupportedOperation)$/) },
    ]);
    expect((await it.actions())[0]?.HistorySummary).toMatch(/^Failed to execute action/);
    expect(it.health()).toEqual([]);
  });
});

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
describe('scaling policies among the actions of an alarm', () => {
  const scaled = async (change: Partial<PutMetricAlarmCommandInput> = {}) => {
    const it = cloudWatchWorld();
    const executed: [string, ActingAlarm][] = [];
    it.carryOut({ scalingPolicy: (arn, alarm) => executed.push([arn, alarm]) });
    await it.putCpuAlarm({ AlarmActions: [policy, topic], ...change });
    it.pass(5);
    it.setCpu(97);
    it.pass(3);
    return { ...it, executed };
  };

  test('are executed with what the alarm saw, again each minute while it lasts, and other actions once', async () => {
    const { cloudWatch, executed, outbox, pass, setCpu } = await scaled();
    const first = executed.length;
    expect(first).toBeGreaterThan(0);
    expect(executed[0]).toEqual([
      policy,
      { name: 'cpu', arn: expect.stringContaining(':alarm:cpu'), state: 'ALARM', threshold: 90, value: 97 },
    ]);
    setCpu(94);
    pass(4);
    expect(executed).toHaveLength(first + 4);
    expect(executed.at(-1)?.[1].value).toBe(94);
    setCpu(5);
    pass(3);
    const last = executed.length;
    pass(10);
    expect(executed).toHaveLength(last);
    expect(outbox('sns')).toHaveLength(1);
    const { AlarmHistoryItems } = await cloudWatch.send(new DescribeAlarmHistoryCommand({ HistoryItemType: 'Action' }));
    expect(AlarmHistoryItems).toHaveLength(2);
  });

  test('rest while the actions are disabled, and go on when they are enabled again', async () => {
    const { executed, pass, cloudWatch } = await scaled();
    await cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['cpu'] }));
    const before = executed.length;
    pass(3);
    expect(executed).toHaveLength(before);
    await cloudWatch.send(new EnableAlarmActionsCommand({ AlarmNames: ['cpu'] }));
    pass(3);
    expect(executed).toHaveLength(before + 3);
  });

  test('are those of the latest configuration, and none once the alarm is deleted', async () => {
    const { executed, pass, putCpuAlarm, cloudWatch } = await scaled();
    const other = policy.replace('/out', '/further');
    await putCpuAlarm({ AlarmActions: [other] });
    executed.length = 0;
    pass(2);
    expect(executed.map(([arn]) => arn)).toEqual([other, other]);
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['cpu'] }));
    pass(5);
    expect(executed).toHaveLength(2);
  });

  test('that are refused, or that nobody knows of, are in the history as failed', async () => {
    const it = cloudWatchWorld();
    await it.putCpuAlarm({ AlarmActions: [policy] });
    it.carryOut({
      scalingPolicy: () => {
        throw new AwsError('ValidationError', 'no such policy');
      },
    });
    const summaries = async (state: StateValue) => {
      await it.cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'cpu', StateValue: state, StateReason: 'x' }));
      const { AlarmHistoryItems = [] } = await it.cloudWatch.send(new DescribeAlarmHistoryCommand({ HistoryItemType: 'Action' }));
      return AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary);
    };
    expect(await summaries('ALARM')).toEqual([`Failed to execute action ${policy}. Received error: "ValidationError: no such policy"`]);
    const nobody = cloudWatchWorld();
    await nobody.putCpuAlarm({ AlarmActions: [policy] });
    await nobody.cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'cpu', StateValue: 'ALARM', StateReason: 'x' }));
    const { AlarmHistoryItems } = await nobody.cloudWatch.send(new DescribeAlarmHistoryCommand({ HistoryItemType: 'Action' }));
    expect(AlarmHistoryItems?.[0]?.HistorySummary).toContain('nobody who carries out scaling policies');
  });
});

test('what makes OpsItems and incidents is taken, and the history says that it is not carried out', async () => {
  const action = `arn:aws:ssm:us-east-1:${worldOptions.account}:opsitem:1`;
  const { cloudWatch, putCpuAlarm } = cloudWatchWorld();
  await putCpuAlarm({ AlarmActions: [action] });
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'cpu', StateValue: 'ALARM', StateReason: 'x' }));
  const { AlarmHistoryItems } = await cloudWatch.send(new DescribeAlarmHistoryCommand({ HistoryItemType: 'Action' }));
  expect(AlarmHistoryItems?.[0]?.HistorySummary).toMatch(/^Failed to execute action .*nobody who carries out/);
});

describe('PutMetricAlarm and PutCompositeAlarm', () => {
  const custom = { Namespace: 'shop', MetricName: 'Orders' };
  const metric = [{ Id: 'm1', MetricStat: { Metric: { ...custom }, Period: 60, Stat: 'Sum' } }];
  const ec2Only = 'Invalid use of EC2 action. An EC2 action can only be used if the alarm is monitoring an EC2 instance.';

  // The first two messages are AWS's own: https://github.com/marklogic/cloud-enablement-aws/issues/82,
  // https://github.com/aws/aws-cdk/issues/19765
  test.each<[string, Partial<PutMetricAlarmCommandInput>, string]>([
    ['an EC2 action without an instance', { Dimensions: [], AlarmActions: [automate('reboot')] }, ec2Only],
    [
      'an EC2 action of another dimension',
      { Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web' }], OKActions: [swf('Stop')] },
      ec2Only,
    ],
    [
      'another partition',
      { AlarmActions: ['arn:aws-cn:automate:us-east-1:ec2:stop'] },
      'Invalid partition aws-cn specified. Only aws is supported.',
    ],
    [
      'another region',
      { AlarmActions: ['arn:aws:automate:eu-west-1:ec2:stop'] },
      'Invalid region eu-west-1 specified. Only us-east-1 is supported.',
    ],
    ['a verb that there is not', { AlarmActions: [automate('hibernate')] }, 'Invalid arn syntax: arn:aws:automate:us-east-1:ec2:hibernate'],
    ['a workflow that is none of the console’s', { AlarmActions: [swf('Hibernate')] }, `Invalid arn syntax: ${swf('Hibernate')}`],
    [
      'recover on another metric',
      { AlarmActions: [automate('recover')] },
      "Invalid use of EC2 'Recover' action. It can only be used with the metric StatusCheckFailed_System.",
    ],
  ])('refuse %s', async (_, change, message) => {
    const { putCpuAlarm } = cloudWatchWorld();
    expect(await refusal(putCpuAlarm(change))).toEqual({ code: 'ValidationException', status: 400, message });
  });

  test('refuse recover on somebody’s metric of the same name', async () => {
    const { putCpuAlarm } = cloudWatchWorld();
    const change = { Namespace: 'shop', MetricName: 'StatusCheckFailed_System', AlarmActions: [automate('recover')] };
    expect((await refusal(putCpuAlarm(change))).message).toContain("EC2 'Recover' action");
  });

  test('take an EC2 action on anybody’s metric that has the dimension InstanceId', async () => {
    const { putCpuAlarm } = cloudWatchWorld();
    await putCpuAlarm({ ...custom, AlarmActions: [automate('reboot')] });
  });

  test('refuse EC2 actions of expressions, and EC2 actions and scaling policies of composite alarms', async () => {
    const { cloudWatch, putCpuAlarm } = cloudWatchWorld();
    const rest = { AlarmName: 'sum', EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' } as const;
    const expression = cloudWatch.send(new PutMetricAlarmCommand({ ...rest, Metrics: metric, AlarmActions: [automate('stop')] }));
    expect(await refusal(expression)).toMatchObject({ message: ec2Only });
    await putCpuAlarm();
    for (const action of [automate('stop'), swf('Stop'), policy]) {
      const put = new PutCompositeAlarmCommand({ AlarmName: 'all', AlarmRule: 'ALARM(cpu)', AlarmActions: [action] });
      expect((await refusal(cloudWatch.send(put))).code).toBe('ValidationException');
    }
  });
});
