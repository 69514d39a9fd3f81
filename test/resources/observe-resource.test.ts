import { describe, expect, test } from '@jest/globals';
import { instanceToTreat, type ResourceSnapshot, type TargetFacts } from '../../shared/model/snapshot.ts';
import { observePermissions, observeResource } from '../../shared/resources/observe-resource.ts';
import { type Answer, ec2Error, recordingClients, sdkError } from '../aws/recorder.ts';
import { alarm, certificate, groupName, incident, instanceId, noon } from '../remediation/examples.ts';

const other = 'i-0ffffffffffffffff';
const groupTag = { Key: 'aws:autoscaling:groupName', Value: groupName };

/** What AWS answers about a running instance, whose alarm rings; with whatever is to be different. */
const answering = (change: Record<string, Answer> = {}) => {
  const answers: Record<string, Answer> = {
    'ec2:DescribeInstances': described({}),
    'ec2:DescribeInstanceTypes': { output: { InstanceTypes: [{ InstanceStorageSupported: false }] } },
    'ec2:DescribeInstanceStatus': {
      output: {
        InstanceStatuses: [
          {
            InstanceState: { Name: 'running' },
            SystemStatus: { Status: 'ok' },
            InstanceStatus: { Status: 'impaired' },
            AttachedEbsStatus: { Status: 'ok' },
          },
        ],
      },
    },
    'autoscaling:DescribeAutoScalingGroups': {
      output: {
        AutoScalingGroups: [
          {
            MinSize: 1,
            MaxSize: 4,
            DesiredCapacity: 2,
            HealthCheckType: 'ELB',
            HealthCheckGracePeriod: 300,
            DefaultCooldown: 120,
            SuspendedProcesses: [{ ProcessName: 'Launch' }],
            Instances: [{ InstanceId: instanceId, LifecycleState: 'InService', HealthStatus: 'Healthy', ProtectedFromScaleIn: true }],
            Tags: [{ Key: 'selfheal', Value: 'on' }],
          },
        ],
      },
    },
    'cloudwatch:DescribeAlarms': {
      output: {
        MetricAlarms: [
          {
            StateValue: 'ALARM',
            StateUpdatedTimestamp: new Date(noon),
            StateReasonData: '{"version":"1.0","queryDate":"x"}',
            Period: 60,
            EvaluationPeriods: 2,
          },
        ],
      },
    },
    'elasticloadbalancing:DescribeTargetHealth': { output: { TargetHealthDescriptions: [] } },
    ...change,
  };
  return recordingClients((permission) => answers[permission] ?? new Error(`an unexpected call: ${permission}`));
};

const described = (change: Record<string, unknown>): Answer => ({
  output: {
    Reservations: [
      {
        Instances: [
          {
            InstanceId: instanceId,
            State: { Name: 'running' },
            InstanceType: 'm7g.large',
            Placement: { AvailabilityZone: 'us-east-1a', AvailabilityZoneId: 'use1-az1' },
            MaintenanceOptions: { AutoRecovery: 'default' },
            LaunchTime: new Date(noon),
            RootDeviceType: 'ebs',
            Tags: [{ Key: 'selfheal', Value: 'on' }],
            ...change,
          },
        ],
      },
    ],
  },
});

/** A member, as Auto Scaling lists it. */
const working = { LifecycleState: 'InService', HealthStatus: 'Healthy' };
const groupIncident = incident({ resource: { type: 'group', id: groupName }, alarm: null });
const targetIncident = incident({
  resource: { type: 'target-group', id: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef' },
  alarm: null,
});
const targets = (...states: [string, string][]): Answer => ({
  output: {
    TargetHealthDescriptions: states.map(([Id, State]) => ({
      Target: { Id, Port: 80 },
      TargetHealth: { State, Reason: 'Target.Timeout' },
    })),
  },
});

describe('a look at an instance', () => {
  test('sees it, its checks and its alarm', async () => {
    const { clients } = answering();
    expect(await observeResource(clients, incident(), noon)).toMatchObject({
      at: noon,
      instance: {
        id: instanceId,
        state: 'running',
        stateReason: null,
        instanceType: 'm7g.large',
        availabilityZone: 'us-east-1a',
        zoneId: 'use1-az1',
        launchedAt: noon,
        tags: { selfheal: 'on' },
        rootDevice: 'ebs',
        instanceStore: false,
        spot: false,
        autoRecovery: true,
        groupName: null,
      },
      status: { state: 'running', system: 'ok', systemImpairedSince: null, instance: 'impaired', attachedEbs: 'ok', scheduled: [] },
      group: null,
      alarm: alarm(),
      targets: null,
    });
  });

  test.each([
    ['none', {}, null],
    [
      'one that AWS lends',
      { PublicIpAddress: '203.0.113.9', NetworkInterfaces: [{ Association: { PublicIp: '203.0.113.9', IpOwnerId: 'amazon' } }] },
      { ip: '203.0.113.9', elastic: false },
    ],
    [
      'an elastic one',
      { PublicIpAddress: '203.0.113.9', NetworkInterfaces: [{ Association: { PublicIp: '203.0.113.9', IpOwnerId: '123456789012' } }] },
      { ip: '203.0.113.9', elastic: true },
    ],
    ['one whose owner is not told', { PublicIpAddress: '203.0.113.9' }, { ip: '203.0.113.9', elastic: false }],
  ])('sees its public address: %s', async (_, given, address) => {
    const { clients } = answering({ 'ec2:DescribeInstances': described(given) });
    expect((await observeResource(clients, incident(), noon)).instance?.address).toEqual(address);
  });

  test('sees its volumes, and the service that manages it', async () => {
    const { clients } = answering({
      'ec2:DescribeInstances': described({
        BlockDeviceMappings: [{ Ebs: { VolumeId: 'vol-1' } }, { Ebs: { VolumeId: 'vol-2' } }, {}],
        Operator: { Managed: true, Principal: 'eks.amazonaws.com' },
      }),
    });
    expect((await observeResource(clients, incident(), noon)).instance).toMatchObject({
      volumes: ['vol-1', 'vol-2'],
      operator: 'eks.amazonaws.com',
    });
  });

  test('sees that its alarm is silenced, what that does by itself, and how long it takes to see a change', async () => {
    const alarms = (change: object): Answer => ({ output: { MetricAlarms: [{ StateValue: 'ALARM', ...change }] } });
    const seen = async (change: object) =>
      (await observeResource(answering({ 'cloudwatch:DescribeAlarms': alarms(change) }).clients, incident(), noon)).alarm;
    const actions = ['arn:aws:automate:us-east-1:ec2:reboot'];
    expect(await seen({ ActionsEnabled: false, AlarmActions: actions })).toMatchObject({ actionsEnabled: false, actions });
    expect(await seen({ Period: 300, EvaluationPeriods: 3 })).toMatchObject({ evaluationSeconds: 900 });
    const math = [
      { Id: 'm', MetricStat: { Period: 600 } },
      { Id: 'e', Expression: 'm * 2' },
    ];
    expect(await seen({ Metrics: math, EvaluationPeriods: 2 })).toMatchObject({ evaluationSeconds: 1200 });
  });

  test('sees who stopped it, that it is a spot instance, and what its disks are', async () => {
    const { clients } = answering({
      'ec2:DescribeInstances': described({
        State: { Name: 'stopped' },
        StateReason: { Code: 'Client.UserInitiatedShutdown' },
        InstanceLifecycle: 'spot',
        RootDeviceType: 'instance-store',
      }),
      'ec2:DescribeInstanceTypes': { output: { InstanceTypes: [{ InstanceStorageSupported: true }] } },
    });
    const { instance } = await observeResource(clients, incident(), noon);
    expect(instance).toMatchObject({
      state: 'stopped',
      stateReason: 'Client.UserInitiatedShutdown',
      spot: true,
      rootDevice: 'instance-store',
      instanceStore: true,
    });
  });

  test("says that it doesn't know of an instance store rather than that there is none", async () => {
    const { clients } = answering({ 'ec2:DescribeInstanceTypes': { output: { InstanceTypes: [] } } });
    expect((await observeResource(clients, incident(), noon)).instance?.instanceStore).toBeNull();
  });

  test("doesn't know of an instance store where it may not ask, and sees all the rest; where the answer is lost it is asked again", async () => {
    const denied = answering({ 'ec2:DescribeInstanceTypes': sdkError('UnauthorizedOperation', 403) });
    expect(await observeResource(denied.clients, incident(), noon)).toMatchObject({
      instance: { instanceStore: null },
      status: expect.anything(),
    });
    const lost = answering({ 'ec2:DescribeInstanceTypes': sdkError('InternalError', 500) });
    await expect(observeResource(lost.clients, incident(), noon)).rejects.toMatchObject({ name: 'InternalError' });
  });

  test('sees the group that its tag names', async () => {
    const { clients, calls } = answering({ 'ec2:DescribeInstances': described({ Tags: [groupTag] }) });
    const { instance, group } = await observeResource(clients, incident(), noon);
    expect(instance?.groupName).toBe(groupName);
    expect(group).toMatchObject({
      name: groupName,
      min: 1,
      max: 4,
      desired: 2,
      healthCheckType: 'ELB',
      healthCheckGraceSeconds: 300,
      cooldownSeconds: 120,
      suspendedProcesses: ['Launch'],
      members: [{ instanceId, lifecycleState: 'InService', health: 'Healthy', protectedFromScaleIn: true }],
      tags: { selfheal: 'on' },
      deleting: false,
    });
    expect(calls.at(-1)?.input).toEqual({ AutoScalingGroupNames: [groupName] });
  });

  test('sees that its group is being deleted, or gone', async () => {
    const tagged = { 'ec2:DescribeInstances': described({ Tags: [groupTag] }) };
    const deleting = answering({
      ...tagged,
      'autoscaling:DescribeAutoScalingGroups': { output: { AutoScalingGroups: [{ Status: 'Delete in progress' }] } },
    });
    expect((await observeResource(deleting.clients, incident(), noon)).group?.deleting).toBe(true);
    const gone = answering({ ...tagged, 'autoscaling:DescribeAutoScalingGroups': { output: { AutoScalingGroups: [] } } });
    expect((await observeResource(gone.clients, incident(), noon)).group).toBeNull();
  });

  test('still sees the group of an instance that is gone', async () => {
    const tagged = answering({ 'ec2:DescribeInstances': described({ Tags: [groupTag] }) });
    const first = await observeResource(tagged.clients, incident(), noon);
    const missing = {
      'ec2:DescribeInstances': ec2Error('InvalidInstanceID.NotFound'),
      'ec2:DescribeInstanceStatus': ec2Error('InvalidInstanceID.NotFound'),
    };
    const gone = answering({ ...missing, 'autoscaling:DescribeAutoScalingGroups': { output: { AutoScalingGroups: [{ Instances: [] }] } } });
    const { instance, status, group } = await observeResource(gone.clients, incident(), noon, first);
    expect({ instance, status, group: group?.name }).toEqual({ instance: null, status: null, group: groupName });
    // What its group still has in service is not gone.
    await expect(observeResource(answering(missing).clients, incident(), noon, first)).rejects.toMatchObject({ name: 'DescribeLag' });
  });

  test('sees what AWS has scheduled, and not what is over', async () => {
    const { clients } = answering({
      'ec2:DescribeInstanceStatus': {
        output: {
          InstanceStatuses: [
            {
              Events: [
                {
                  Code: 'instance-retirement',
                  Description: 'The instance is running on degraded hardware',
                  NotBefore: new Date(noon),
                  NotAfter: new Date(noon + 60_000),
                },
                { Code: 'instance-reboot', Description: '[Completed] Scheduled reboot' },
                { Code: 'system-maintenance', Description: '[Canceled] Scheduled maintenance' },
                { Code: 'instance-stop' },
              ],
            },
          ],
        },
      },
    });
    expect((await observeResource(clients, incident(), noon)).status?.scheduled).toMatchObject([
      { code: 'instance-retirement', notBefore: noon, notAfter: noon + 60_000 },
      { code: 'instance-stop', notBefore: null, notAfter: null },
    ]);
  });

  test('sees since when its host has failed', async () => {
    const impaired = { Status: 'impaired', Details: [{ Name: 'reachability', Status: 'failed', ImpairedSince: new Date(noon) }] };
    const { clients } = answering({ 'ec2:DescribeInstanceStatus': { output: { InstanceStatuses: [{ SystemStatus: impaired }] } } });
    expect((await observeResource(clients, incident(), noon)).status).toMatchObject({ system: 'impaired', systemImpairedSince: noon });
  });

  test('sees since when a failed host works again, by what the looks before have seen', async () => {
    const seen: (number | undefined)[] = [];
    let known: ResourceSnapshot | undefined;
    for (const [i, system] of ['ok', 'impaired', 'impaired', 'ok', 'ok', 'impaired', 'insufficient-data'].entries()) {
      const InstanceStatuses = [{ InstanceState: { Name: 'running' }, SystemStatus: { Status: system } }];
      const { clients } = answering({ 'ec2:DescribeInstanceStatus': { output: { InstanceStatuses } } });
      known = await observeResource(clients, incident(), noon + i, known, 'status-only');
      seen.push(known.status?.systemPassesSince);
    }
    expect(seen).toEqual([undefined, undefined, undefined, noon + 3, noon + 3, undefined, noon + 6]);
  });

  test.each([
    ['its type supports that', true, true],
    ['its type does not', false, false],
    ['EC2 does not say whether its type does', undefined, true],
  ])('has automatic recovery where it is on and %s', async (_, AutoRecoverySupported, has) => {
    const types = { output: { InstanceTypes: [{ InstanceStorageSupported: false, AutoRecoverySupported }] } };
    const { clients } = answering({ 'ec2:DescribeInstanceTypes': types });
    const first = await observeResource(clients, incident(), noon);
    const second = await observeResource(clients, incident(), noon + 1, first);
    expect([first, second].map(({ instance }) => instance?.autoRecovery)).toEqual([has, has]);
  });

  test.each([['disabled'], [undefined]])('takes automatic recovery that is %s for none', async (AutoRecovery) => {
    const { clients } = answering({ 'ec2:DescribeInstances': described({ MaintenanceOptions: { AutoRecovery } }) });
    expect((await observeResource(clients, incident(), noon)).instance?.autoRecovery).toBe(false);
  });

  test('asks for the checks of an instance that does not run as well', async () => {
    const { clients, calls } = answering();
    await observeResource(clients, incident(), noon);
    expect(calls.find(({ permission }) => permission === 'ec2:DescribeInstanceStatus')?.input).toMatchObject({ IncludeAllInstances: true });
  });

  test('asks for its type once in an incident', async () => {
    const { clients, calls } = answering();
    const first = await observeResource(clients, incident(), noon);
    await observeResource(clients, incident(), noon + 1, first);
    expect(calls.filter(({ permission }) => permission === 'ec2:DescribeInstanceTypes')).toHaveLength(1);
  });

  test('asks again once somebody has changed its type', async () => {
    const first = await observeResource(answering().clients, incident(), noon);
    const changed = answering({
      'ec2:DescribeInstances': described({ InstanceType: 'm7gd.large' }),
      'ec2:DescribeInstanceTypes': { output: { InstanceTypes: [{ InstanceStorageSupported: true }] } },
    });
    expect((await observeResource(changed.clients, incident(), noon + 1, first)).instance?.instanceStore).toBe(true);
  });
});

describe('a look where one call is refused', () => {
  /** Another one each time: a client writes into it which call it was. */
  const denied = () => sdkError('AccessDenied', 403);
  const tagged = { 'ec2:DescribeInstances': described({ Tags: [groupTag] }) };
  const escalated = incident({ disposition: 'escalate', playbook: null });

  test.each([
    ['cloudwatch:DescribeAlarms', { alarm: null }, 'alarm web-status'],
    ['ec2:DescribeInstanceStatus', { status: null }, `the status checks of ${instanceId}`],
    ['autoscaling:DescribeAutoScalingGroups', { group: null }, `group ${groupName}`],
  ])('tells the rest, and which it was, where nothing will be done: %s', async (call, missing, what) => {
    const { clients } = answering({ ...tagged, [call]: denied() });
    const seen = await observeResource(clients, escalated, noon);
    expect(seen).toMatchObject({ instance: { id: instanceId }, ...missing });
    expect(seen.refused).toEqual([`selfheal isn't allowed to look at ${what} (${call})`]);
    const others = [seen.instance, seen.status, seen.group, seen.alarm].filter((part) => part === null);
    expect(others).toHaveLength(1);
  });

  test('tells of checks and alarm although the instance may not be described', async () => {
    const { clients } = answering({ 'ec2:DescribeInstances': denied() });
    const seen = await observeResource(clients, escalated, noon);
    expect(seen).toMatchObject({ instance: null, status: { instance: 'impaired' }, alarm: { state: 'ALARM' } });
    expect(seen.refused).toEqual([`selfheal isn't allowed to look at instance ${instanceId} (ec2:DescribeInstances)`]);
  });

  test.each([
    ['where something may be done, since it must not act on half a look', incident(), denied()],
    ['where AWS is only too busy, to be had again', escalated, sdkError('Throttling', 503)],
  ])('is none %s', async (_, about, error) => {
    await expect(observeResource(answering({ 'cloudwatch:DescribeAlarms': error }).clients, about, noon)).rejects.toThrow();
  });

  test('goes on contradicting itself where EC2 does', async () => {
    const { clients } = answering({ 'ec2:DescribeInstances': ec2Error('InvalidInstanceID.NotFound') });
    await expect(observeResource(clients, escalated, noon)).rejects.toMatchObject({ name: 'DescribeLag' });
  });
});

describe('a look while it is verified', () => {
  const status = (Name: string) => ({ output: { InstanceStatuses: [{ InstanceState: { Name } }] } });
  const stopped = (Code: string) => described({ State: { Name: 'stopped' }, StateReason: { Code } });
  const wish = stopped('Client.UserInitiatedShutdown');
  const later = async (before: Answer, change: Record<string, Answer>) => {
    const first = await observeResource(answering({ 'ec2:DescribeInstances': before }).clients, incident(), noon);
    const { clients, calls } = answering({ 'cloudwatch:DescribeAlarms': { output: {} }, ...change });
    const { instance } = await observeResource(clients, incident(), noon + 1, first, 'status-only');
    return { state: instance?.state, reason: instance?.stateReason, calls: calls.map(({ permission }) => permission) };
  };

  test('takes an instance that runs as before over', async () => {
    const { calls } = await later(described({}), { 'ec2:DescribeInstanceStatus': status('running') });
    expect(calls).not.toContain('ec2:DescribeInstances');
  });

  test('sees why one stopped that ran', async () => {
    const answers = { 'ec2:DescribeInstances': stopped('Server.InternalError'), 'ec2:DescribeInstanceStatus': status('stopped') };
    expect(await later(described({}), answers)).toMatchObject({ state: 'stopped', reason: 'Server.InternalError' });
  });

  test('sees that one that was stopped was started and stopped again, for another reason', async () => {
    const answers = { 'ec2:DescribeInstances': stopped('Client.InternalError'), 'ec2:DescribeInstanceStatus': status('stopped') };
    expect(await later(wish, answers)).toMatchObject({ state: 'stopped', reason: 'Client.InternalError' });
  });

  test("doesn't take an instance for gone that is lacking from one call alone", async () => {
    const gone = ec2Error('InvalidInstanceID.NotFound');
    await expect(later(wish, { 'ec2:DescribeInstances': gone, 'ec2:DescribeInstanceStatus': status('stopped') })).rejects.toThrow(
      'finds no',
    );
  });
});

describe('a look at an alarm', () => {
  const withAlarm = (output: Record<string, unknown>) => answering({ 'cloudwatch:DescribeAlarms': { output } });

  test.each([
    ['an evaluation', '{"version":"1.0","queryDate":"2026-11-20T12:00:00Z"}', true],
    ['its children', '{"triggeringAlarms":[{"arn":"a"}]}', true],
    ['somebody by hand', undefined, false],
    ['somebody by hand, with data of his own', '{"why":"a test"}', false],
  ])('tells whether it was set by %s', async (_, StateReasonData, evaluated) => {
    const { clients } = withAlarm({ MetricAlarms: [{ StateValue: 'ALARM', StateReasonData }] });
    expect((await observeResource(clients, incident(), noon)).alarm?.evaluated).toBe(evaluated);
  });

  test('asks for it last in verification, and only where its word would change something', async () => {
    const ok = { output: { MetricAlarms: [{ StateValue: 'OK' }] } };
    const { clients, calls } = answering({ 'cloudwatch:DescribeAlarms': ok });
    const first = await observeResource(answering().clients, incident(), noon);
    const unasked = await observeResource(clients, incident(), noon + 1, first, 'status-only', () => false);
    expect(calls.map(({ permission }) => permission)).toEqual(['ec2:DescribeInstanceStatus']);
    expect(unasked.alarm).toEqual(first.alarm);
    const asked = await observeResource(clients, incident(), noon + 2, first, 'status-only', (rest) => rest.status !== null);
    expect(calls.slice(1).map(({ permission }) => permission)).toEqual(['ec2:DescribeInstanceStatus', 'cloudwatch:DescribeAlarms']);
    expect(asked.alarm?.state).toBe('OK');
  });

  test('finds a composite alarm', async () => {
    const { clients } = withAlarm({ CompositeAlarms: [{ StateValue: 'OK' }] });
    expect((await observeResource(clients, incident(), noon)).alarm?.state).toBe('OK');
  });

  test('sees that it is gone', async () => {
    const { clients } = withAlarm({});
    expect((await observeResource(clients, incident(), noon)).alarm).toBeNull();
  });
});

describe('a look at a group', () => {
  test('sees no instance, and asks for none', async () => {
    const { clients, calls } = answering();
    const { instance, group } = await observeResource(clients, groupIncident, noon);
    expect({ instance, group: group?.name }).toEqual({ instance: null, group: groupName });
    expect(calls.map(({ permission }) => permission)).toEqual(['autoscaling:DescribeAutoScalingGroups']);
  });

  test.each([
    ['no hook', [], 0],
    ['a hook on launch', [{ LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', GlobalTimeout: 7200 }], 0],
    [
      'two hooks',
      [3600, 7200].map((GlobalTimeout) => ({ LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', GlobalTimeout })),
      7200,
    ],
  ])('sees how long a member that leaves may be held back by %s, and asks once', async (_, LifecycleHooks, drainSeconds) => {
    const Instances = [{ InstanceId: instanceId, LifecycleState: 'Terminating:Wait' }];
    const { clients, calls } = answering({
      'ec2:DescribeInstances': described({ Tags: [groupTag] }),
      'autoscaling:DescribeAutoScalingGroups': { output: { AutoScalingGroups: [{ Instances }] } },
      'autoscaling:DescribeLifecycleHooks': { output: { LifecycleHooks } },
    });
    const first = await observeResource(clients, incident(), noon);
    const second = await observeResource(clients, incident(), noon, first, 'status-only');
    expect([first.group?.drainSeconds, second.group?.drainSeconds]).toEqual([drainSeconds, drainSeconds]);
    expect(calls.filter(({ permission }) => permission === 'autoscaling:DescribeLifecycleHooks')).toHaveLength(1);
  });

  test.each([
    ['nothing that it says', {}, { maintenance: null, balanced: false, launchSource: null, warmUpSeconds: null }],
    [
      'a maintenance policy',
      { InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 } },
      { maintenance: { minHealthy: 100, maxHealthy: 150 } },
    ],
    [
      'a policy that is not set',
      { InstanceMaintenancePolicy: { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 } },
      { maintenance: null },
    ],
    ['a target group', { TargetGroupARNs: ['arn:aws:elasticloadbalancing:…'] }, { balanced: true }],
    ['a source of traffic', { TrafficSources: [{ Identifier: 'x' }] }, { balanced: true }],
    [
      'a template',
      { LaunchTemplate: { LaunchTemplateName: 'web', Version: '7' } },
      { launchSource: { kind: 'template', id: null, name: 'web', version: '7' } },
    ],
    [
      'a template among several types',
      { MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1' } } } },
      { launchSource: { kind: 'template', id: 'lt-1', name: null, version: '$Default' } },
    ],
    [
      'templates of single types, and what its working members come from',
      {
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '2' },
            Overrides: [
              { InstanceType: 'm7g.large', LaunchTemplateSpecification: { LaunchTemplateId: 'lt-2', Version: '$Latest' } },
              { InstanceType: 'm7i.large' },
            ],
          },
        },
        Instances: [
          { ...working, InstanceId: 'i-01', LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '1' } },
          { ...working, InstanceId: 'i-02', LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '1' } },
          { ...working, InstanceId: 'i-03', LaunchTemplate: { LaunchTemplateId: 'lt-2', Version: '5' } },
          { ...working, InstanceId: 'i-04', LaunchConfigurationName: 'old' },
          { ...working, InstanceId: 'i-05' },
          { ...working, InstanceId: 'i-06', HealthStatus: 'Unhealthy', LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '2' } },
          { ...working, InstanceId: 'i-07', LifecycleState: 'Standby', LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '2' } },
        ],
      },
      {
        otherSources: [{ kind: 'template', id: 'lt-2', name: null, version: '$Latest' }],
        working: { 'lt-1 1': 2, 'lt-2 5': 1, 'configuration old': 1 },
      },
    ],
    ['a warm-up', { DefaultInstanceWarmup: 120 }, { warmUpSeconds: 120 }],
    ['a warm-up that is switched off', { DefaultInstanceWarmup: -1 }, { warmUpSeconds: null }],
  ])('sees of it %s', async (_, given, seen) => {
    const { clients } = answering({ 'autoscaling:DescribeAutoScalingGroups': { output: { AutoScalingGroups: [given] } } });
    expect((await observeResource(clients, groupIncident, noon)).group).toMatchObject(seen);
  });
});

describe('a look at a target group', () => {
  test.each(['targetgroup/web/0123456789abcdef', targetIncident.resource.id])('asks for %s by its whole ARN', async (id) => {
    const { clients, calls } = answering();
    await observeResource(clients, { ...targetIncident, resource: { type: 'target-group', id } }, noon);
    const { account, region } = targetIncident;
    expect(calls.find(({ permission }) => permission === 'elasticloadbalancing:DescribeTargetHealth')?.input).toEqual({
      TargetGroupArn: `arn:aws:elasticloadbalancing:${id.startsWith('arn:') ? 'us-east-1:123456789012' : `${region}:${account}`}:targetgroup/web/0123456789abcdef`,
    });
  });

  test('sees the instance behind the only unhealthy target', async () => {
    const { clients } = answering({
      'elasticloadbalancing:DescribeTargetHealth': targets([instanceId, 'unhealthy'], [other, 'healthy']),
    });
    const seen = await observeResource(clients, targetIncident, noon);
    expect(seen.instance?.id).toBe(instanceId);
    expect(seen.targets).toEqual({
      ...{ all: 2, healthy: 1, unhealthy: 1, hosts: 2, unhealthyHosts: 1 },
      own: [{ id: instanceId, state: 'unhealthy' }],
    });
  });

  test.each<[string, [string, string][]]>([
    ['none is', [[instanceId, 'healthy']]],
    ['there is none', []],
    ['it is an address', [['10.0.0.7', 'unhealthy']]],
    ['it is on its way out', [[instanceId, 'draining']]],
  ])('sees no instance where %s', async (_, states) => {
    const { clients } = answering({ 'elasticloadbalancing:DescribeTargetHealth': targets(...states) });
    expect((await observeResource(clients, targetIncident, noon)).instance).toBeNull();
  });

  test.each<[string, string | undefined, string]>([
    ['the first', undefined, instanceId],
    ['the one under treatment', other, other],
  ])('sees, of several that are unhealthy, %s', (_, known, seen) => {
    const sick = [instanceId, other].map((id) => ({ id, state: 'unhealthy' as const }));
    expect(instanceToTreat(sick, known)).toBe(seen);
  });

  test('sees the host of which no port answers before one of which a port still does', () => {
    const port = (id: string, state: TargetFacts['state']) => ({ id, state });
    const targets = [port(instanceId, 'unhealthy'), port(instanceId, 'healthy'), port(other, 'unhealthy')];
    expect(instanceToTreat(targets, undefined)).toBe(other);
    expect(instanceToTreat(targets.slice(0, 2), undefined)).toBe(instanceId);
  });

  test('goes on to the next once the one under treatment is well', () => {
    const mixed: TargetFacts[] = [
      { id: instanceId, state: 'healthy' },
      { id: other, state: 'unhealthy' },
    ];
    expect(instanceToTreat(mixed, instanceId)).toBe(other);
    expect(instanceToTreat(mixed.slice(0, 1), instanceId)).toBe(instanceId);
  });
});

test('a look in which one call finds no instance and another one does is to be had again', async () => {
  const { clients } = answering({ 'ec2:DescribeInstances': sdkError('InvalidInstanceID.NotFound', 400) });
  await expect(observeResource(clients, incident(), noon)).rejects.toMatchObject({ name: 'DescribeLag' });
  const gone = answering({
    'ec2:DescribeInstances': sdkError('InvalidInstanceID.NotFound', 400),
    'ec2:DescribeInstanceStatus': sdkError('InvalidInstanceID.NotFound', 400),
  });
  expect((await observeResource(gone.clients, incident(), noon)).instance).toBeNull();
});

describe('a look that fails', () => {
  test.each(['ec2:DescribeInstances', 'ec2:DescribeInstanceStatus', 'cloudwatch:DescribeAlarms'])(
    'throws where %s does, rather than see nothing',
    async (permission) => {
      const { clients } = answering({ [permission]: sdkError('UnauthorizedOperation', 403) });
      await expect(observeResource(clients, incident(), noon)).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
    },
  );

  test('throws where the group or the targets cannot be seen', async () => {
    const denied = sdkError('AccessDenied', 403);
    const group = answering({ 'autoscaling:DescribeAutoScalingGroups': denied });
    await expect(observeResource(group.clients, groupIncident, noon)).rejects.toBe(denied);
    const target = answering({ 'elasticloadbalancing:DescribeTargetHealth': denied });
    await expect(observeResource(target.clients, targetIncident, noon)).rejects.toBe(denied);
  });
});

test('looks make the calls that they say, and no others', async () => {
  const lone = answering();
  await observeResource(lone.clients, incident(), noon);
  const member = answering({
    'ec2:DescribeInstances': described({ Tags: [groupTag] }),
    'elasticloadbalancing:DescribeTargetHealth': targets([instanceId, 'unhealthy']),
  });
  await observeResource(member.clients, { ...targetIncident, alarm: incident().alarm }, noon);
  const Instances = [{ InstanceId: instanceId, LifecycleState: 'Terminating:Wait', HealthStatus: 'Healthy' }];
  const leaving = answering({
    'ec2:DescribeInstances': described({ Tags: [groupTag] }),
    'autoscaling:DescribeAutoScalingGroups': { output: { AutoScalingGroups: [{ Instances }] } },
    'autoscaling:DescribeLifecycleHooks': { output: {} },
  });
  await observeResource(leaving.clients, incident(), noon);
  const agent = answering({ 'ecs:DescribeContainerInstances': { output: { failures: [{ reason: 'MISSING' }] } } });
  const evidence = { clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/prod', containerInstanceArn: 'arn' };
  await observeResource(agent.clients, incident({ failure: 'agent-lost', disposition: 'escalate', playbook: null, evidence }), noon);
  const acm = answering({ 'acm:DescribeCertificate': { output: { Certificate: {} } }, 'acm:ListTagsForCertificate': { output: {} } });
  const expiring = { failure: 'certificate-expiring', disposition: 'escalate', playbook: null, alarm: null } as const;
  await observeResource(acm.clients, incident({ ...expiring, resource: { type: 'certificate', id: certificate().id } }), noon);
  const made = new Set(
    [...lone.calls, ...member.calls, ...leaving.calls, ...agent.calls, ...acm.calls].map(({ permission }) => permission),
  );
  expect([...made].sort()).toEqual([...observePermissions].sort());
});

describe('a look at a database', () => {
  const resource = { type: 'database', id: 'Orders' } as const;
  const about = incident({ resource, alarm: null, playbook: null });
  const found = (change: object = {}) => ({
    output: {
      DBInstances: [
        {
          DBInstanceIdentifier: 'orders',
          DBInstanceStatus: 'available',
          AvailabilityZone: 'us-east-1a',
          PreferredMaintenanceWindow: 'sun:06:00-sun:06:30',
          PendingModifiedValues: {},
          TagList: [{ Key: 'selfheal', Value: 'on' }],
          ...change,
        },
      ],
    },
  });
  const lookAt = (answer: Answer, of = about) => observeResource(answering({ 'rds:DescribeDBInstances': answer }).clients, of, noon);

  test('sees its state, its tags and its maintenance window, by the name that RDS has it under', async () => {
    expect((await lookAt(found())).database).toEqual({
      id: 'orders',
      state: 'available',
      availabilityZone: 'us-east-1a',
      multiAz: false,
      cluster: null,
      pending: [],
      maintenanceWindow: 'sun:06:00-sun:06:30',
      tags: { selfheal: 'on' },
    });
    expect((await lookAt(found({ MultiAZ: true }))).database?.multiAz).toBe(true);
  });

  test('sees every change that a reboot may apply', async () => {
    const change = {
      PendingModifiedValues: { DBInstanceClass: 'db.r7g.xlarge' },
      DBParameterGroups: [
        { DBParameterGroupName: 'own', ParameterApplyStatus: 'pending-reboot' },
        { DBParameterGroupName: 'other', ParameterApplyStatus: 'in-sync' },
      ],
      OptionGroupMemberships: [{ OptionGroupName: 'audit', Status: 'pending-apply' }],
    };
    expect((await lookAt(found(change))).database?.pending).toEqual([
      'DBInstanceClass',
      'parameters of own (pending-reboot)',
      'options of audit (pending-apply)',
    ]);
  });

  test('takes a state that it does not know, and what is left out, for unknown', async () => {
    const { database } = await lookAt(found({ DBInstanceStatus: 'levitating', PreferredMaintenanceWindow: undefined }));
    expect(database).toMatchObject({ state: 'unknown', maintenanceWindow: null });
  });

  test('says that there is none only if RDS says so', async () => {
    expect((await lookAt(sdkError('DBInstanceNotFoundFault', 404))).database).toBeNull();
    await expect(lookAt({ output: { DBInstances: [] } })).rejects.toMatchObject({ name: 'DescribeLag' });
    await expect(lookAt(sdkError('AccessDenied', 403))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('is had only if an action may follow', async () => {
    const { clients, calls } = answering({});
    expect(await observeResource(clients, { ...about, disposition: 'escalate' }, noon)).not.toHaveProperty('database');
    expect(calls).toEqual([]);
  });
});
