import assert from 'node:assert/strict';
import {
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeletePolicyCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  DescribeTagsCommand,
  EnterStandbyCommand,
  ExecutePolicyCommand,
  ExitStandbyCommand,
  PutScalingPolicyCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import { describeInstance, eventually, fromPage, imageId, refused, type Setting } from './check.ts';

const api = 'autoscaling/ec2/APIReference/';

const createGroup = async (setting: Setting, change: Partial<CreateAutoScalingGroupCommandInput> = {}): Promise<string> => {
  const name = setting.fresh('group');
  await setting.ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData: { ImageId: imageId, InstanceType: 't3.micro' } }),
  );
  await setting.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateName: name, Version: '$Latest' },
      MinSize: 0,
      MaxSize: 4,
      DesiredCapacity: 2,
      AvailabilityZones: ['us-east-1a', 'us-east-1b'],
      ...change,
    }),
  );
  return name;
};

const describeGroup = async ({ autoScaling }: Setting, name: string) => {
  const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
  assert.ok(AutoScalingGroups[0], `no group ${name}`);
  return AutoScalingGroups[0];
};

const inService = (setting: Setting, name: string, count: number) =>
  eventually(
    setting,
    async () => {
      const members = ((await describeGroup(setting, name)).Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService');
      assert.equal(members.length, count);
      return members.map(({ InstanceId = '' }) => InstanceId);
    },
    400,
  );

export const autoScalingChecks = [
  ...fromPage(`${api}API_CreateAutoScalingGroup.html`, {
    'a group launches what it desires, across its zones, and tags it': async (setting) => {
      const name = await createGroup(setting);
      const [first = '', second = ''] = await inService(setting, name, 2);
      const zones = [
        (await describeInstance(setting, first)).Placement?.AvailabilityZone,
        (await describeInstance(setting, second)).Placement?.AvailabilityZone,
      ];
      assert.deepEqual(zones.sort(), ['us-east-1a', 'us-east-1b']);
      const tags = (await describeInstance(setting, first)).Tags ?? [];
      assert.ok(tags.some(({ Key, Value }) => Key === 'aws:autoscaling:groupName' && Value === name));
    },
    'a name is taken once': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 0 });
      const again = new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        LaunchTemplate: { LaunchTemplateName: name },
        MinSize: 0,
        MaxSize: 1,
        AvailabilityZones: ['us-east-1a'],
      });
      await refused(setting.autoScaling.send(again), 'AlreadyExistsFault');
    },
    'a desired capacity above the maximum is refused': (setting) =>
      refused(createGroup(setting, { DesiredCapacity: 5 }), 'ValidationError'),
    'a minimum above the maximum is refused': (setting) => refused(createGroup(setting, { MinSize: 5 }), 'ValidationError'),
  }),
  ...fromPage(`${api}API_DescribeAutoScalingGroups.html`, {
    'an unknown name finds nothing': async ({ autoScaling }) => {
      const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['none'] }));
      assert.deepEqual(AutoScalingGroups, []);
    },
    'a page token from elsewhere is refused': ({ autoScaling }) =>
      refused(autoScaling.send(new DescribeAutoScalingGroupsCommand({ NextToken: 'nonsense' })), 'InvalidNextToken'),
  }),
  ...fromPage(`${api}API_DescribeAutoScalingInstances.html`, {
    'a member knows its group; an unknown instance is left out': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 1 });
      const [id = ''] = await inService(setting, name, 1);
      const { AutoScalingInstances = [] } = await setting.autoScaling.send(
        new DescribeAutoScalingInstancesCommand({ InstanceIds: [id, 'i-0aaaaaaaaaaaaaaaa'] }),
      );
      assert.equal(AutoScalingInstances.length, 1);
      assert.equal(AutoScalingInstances[0]?.AutoScalingGroupName, name);
      assert.equal(AutoScalingInstances[0]?.LifecycleState, 'InService');
      // Upper case here, and capitalised in DescribeAutoScalingGroups.
      assert.equal(AutoScalingInstances[0]?.HealthStatus, 'HEALTHY');
      assert.equal((await describeGroup(setting, name)).Instances?.[0]?.HealthStatus, 'Healthy');
    },
  }),
  ...fromPage(`${api}API_SetDesiredCapacity.html`, {
    'a group grows and shrinks to it': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 1 });
      await inService(setting, name, 1);
      await setting.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 3 }));
      await inService(setting, name, 3);
      await setting.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 1 }));
      await inService(setting, name, 1);
    },
    'never above the maximum': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 0 });
      await refused(
        setting.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 5 })),
        'ValidationError',
      );
    },
    'never below the minimum': async (setting) => {
      const name = await createGroup(setting, { MinSize: 1, DesiredCapacity: 1 });
      await refused(
        setting.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 0 })),
        'ValidationError',
      );
    },
    'an unknown group is refused': ({ autoScaling }) =>
      refused(autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'none', DesiredCapacity: 1 })), 'ValidationError'),
  }),
  ...fromPage(`${api}API_TerminateInstanceInAutoScalingGroup.html`, {
    'a member is replaced unless the capacity shrinks with it': async (setting) => {
      const name = await createGroup(setting);
      const [first = ''] = await inService(setting, name, 2);
      const terminate = (InstanceId: string, ShouldDecrementDesiredCapacity: boolean) =>
        setting.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }));
      assert.equal((await terminate(first, false)).Activity?.StatusCode, 'InProgress');
      const after = await eventually(
        setting,
        async () => {
          const members = await inService(setting, name, 2);
          assert.ok(!members.includes(first));
          return members;
        },
        400,
      );
      await terminate(after[0] ?? '', true);
      await inService(setting, name, 1);
      assert.equal((await describeGroup(setting, name)).DesiredCapacity, 1);
    },
    'not below the minimum': async (setting) => {
      const name = await createGroup(setting, { MinSize: 1, DesiredCapacity: 1 });
      const [id = ''] = await inService(setting, name, 1);
      const terminate = new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: id, ShouldDecrementDesiredCapacity: true });
      await refused(setting.autoScaling.send(terminate), 'ValidationError');
    },
    'an instance that is no member is refused': ({ autoScaling }) =>
      refused(
        autoScaling.send(
          new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: 'i-0aaaaaaaaaaaaaaaa', ShouldDecrementDesiredCapacity: false }),
        ),
        'ValidationError',
      ),
  }),
  ...fromPage(`${api}API_SetInstanceHealth.html`, {
    'an unhealthy member is replaced': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 1 });
      const [id = ''] = await inService(setting, name, 1);
      await setting.autoScaling.send(
        new SetInstanceHealthCommand({ InstanceId: id, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false }),
      );
      await eventually(setting, async () => assert.notEqual((await inService(setting, name, 1))[0], id), 400);
      const { Activities = [] } = await setting.autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name }));
      assert.ok(Activities.some(({ Cause = '' }) => /health/i.test(Cause)));
    },
    'a status that is none is refused': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 1 });
      const [id = ''] = await inService(setting, name, 1);
      await refused(
        setting.autoScaling.send(new SetInstanceHealthCommand({ InstanceId: id, HealthStatus: 'nonsense' })),
        'ValidationError',
      );
    },
  }),
  ...fromPage(`${api}API_SuspendProcesses.html`, {
    'suspended processes are listed, and do not run': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 0 });
      await setting.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: ['Launch'] }));
      const { SuspendedProcesses = [] } = await describeGroup(setting, name);
      assert.equal(SuspendedProcesses[0]?.ProcessName, 'Launch');
      await setting.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: 1 }));
      await setting.pass(300);
      assert.deepEqual((await describeGroup(setting, name)).Instances ?? [], []);
      await setting.autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: ['Launch'] }));
      await inService(setting, name, 1);
    },
    'a process that is none is refused': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 0 });
      await refused(
        setting.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: ['Nonsense'] })),
        'ValidationError',
      );
    },
  }),
  ...fromPage(`${api}API_PutScalingPolicy.html`, {
    'a policy is put, executed and deleted': async (setting) => {
      const AutoScalingGroupName = await createGroup(setting, { DesiredCapacity: 1 });
      const policy = { AutoScalingGroupName, PolicyName: 'grow' };
      const adjustment = { AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1 };
      await setting.autoScaling.send(new PutScalingPolicyCommand({ ...policy, ...adjustment }));
      await setting.autoScaling.send(new ExecutePolicyCommand(policy));
      await inService(setting, AutoScalingGroupName, 2);
      const list = () => setting.autoScaling.send(new DescribePoliciesCommand({ AutoScalingGroupName }));
      assert.equal((await list()).ScalingPolicies?.[0]?.PolicyType, 'SimpleScaling');
      await setting.autoScaling.send(new DeletePolicyCommand(policy));
      assert.deepEqual((await list()).ScalingPolicies, []);
    },
    'target tracking makes two alarms, which go with it': async (setting) => {
      const AutoScalingGroupName = await createGroup(setting, { DesiredCapacity: 0 });
      const policy = { AutoScalingGroupName, PolicyName: 'track' };
      const { Alarms = [] } = await setting.autoScaling.send(
        new PutScalingPolicyCommand({
          ...policy,
          PolicyType: 'TargetTrackingScaling',
          TargetTrackingConfiguration: {
            TargetValue: 50,
            PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
          },
        }),
      );
      const AlarmNames = Alarms.map(({ AlarmName = '' }) => AlarmName);
      assert.deepEqual(AlarmNames.map((name) => /-Alarm(High|Low)-/.exec(name)?.[1]).sort(), ['High', 'Low']);
      await setting.autoScaling.send(new DeletePolicyCommand(policy));
      assert.deepEqual((await setting.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms, []);
    },
    'a policy without an adjustment is refused': async (setting) => {
      const AutoScalingGroupName = await createGroup(setting, { DesiredCapacity: 0 });
      const put = new PutScalingPolicyCommand({ AutoScalingGroupName, PolicyName: 'grow', AdjustmentType: 'ChangeInCapacity' });
      await refused(setting.autoScaling.send(put), 'ValidationError');
    },
  }),
  ...fromPage(`${api}API_InstancesDistribution.html`, {
    'a base is bought On-Demand, and the rest as told': async (setting) => {
      const name = setting.fresh('template');
      await setting.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData: { ImageId: imageId } }));
      const group = await createGroup(setting, {
        LaunchTemplate: undefined,
        DesiredCapacity: 3,
        MixedInstancesPolicy: {
          LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: name }, Overrides: [{ InstanceType: 't3.micro' }] },
          InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 0 },
        },
      });
      const members = await inService(setting, group, 3);
      const bought = await Promise.all(members.map(async (id) => (await describeInstance(setting, id)).InstanceLifecycle ?? 'on-demand'));
      assert.deepEqual(bought.sort(), ['on-demand', 'spot', 'spot']);
    },
  }),
  ...fromPage(`${api}API_RetentionTriggers.html`, {
    'a member whose termination hook is abandoned is retained': async (setting) => {
      const name = await createGroup(setting, {
        DesiredCapacity: 1,
        InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
        LifecycleHookSpecificationList: [
          { LifecycleHookName: 'drain', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', HeartbeatTimeout: 30 },
        ],
      });
      const [id = ''] = await inService(setting, name, 1);
      await setting.autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: id, ShouldDecrementDesiredCapacity: false }),
      );
      await eventually(
        setting,
        async () => {
          const member = (await describeGroup(setting, name)).Instances?.find(({ InstanceId }) => InstanceId === id);
          assert.equal(member?.LifecycleState, 'Terminating:Retained');
        },
        400,
      );
      await inService(setting, name, 1);
    },
  }),
  ...fromPage(`${api}API_EnterStandby.html`, {
    'a member goes to standby and comes back': async (setting) => {
      const name = await createGroup(setting);
      const [id = ''] = await inService(setting, name, 2);
      const standby = { AutoScalingGroupName: name, InstanceIds: [id] };
      await setting.autoScaling.send(new EnterStandbyCommand({ ...standby, ShouldDecrementDesiredCapacity: true }));
      await inService(setting, name, 1);
      await eventually(setting, async () => {
        const member = (await describeGroup(setting, name)).Instances?.find(({ InstanceId }) => InstanceId === id);
        assert.equal(member?.LifecycleState, 'Standby');
      });
      await setting.autoScaling.send(new ExitStandbyCommand(standby));
      await inService(setting, name, 2);
    },
  }),
  ...fromPage(`${api}API_SetInstanceProtection.html`, {
    'a protected member says so': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 1 });
      const [id = ''] = await inService(setting, name, 1);
      await setting.autoScaling.send(
        new SetInstanceProtectionCommand({ AutoScalingGroupName: name, InstanceIds: [id], ProtectedFromScaleIn: true }),
      );
      await eventually(setting, async () => assert.equal((await describeGroup(setting, name)).Instances?.[0]?.ProtectedFromScaleIn, true));
    },
  }),
  ...fromPage(`${api}API_CreateOrUpdateTags.html`, {
    'tags belong to the group': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 0 });
      const tag = { ResourceId: name, ResourceType: 'auto-scaling-group', Key: 'selfheal', Value: 'on', PropagateAtLaunch: true };
      await setting.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [tag] }));
      const { Tags } = await setting.autoScaling.send(
        new DescribeTagsCommand({ Filters: [{ Name: 'auto-scaling-group', Values: [name] }] }),
      );
      assert.deepEqual(Tags, [tag]);
    },
  }),
  ...fromPage(`${api}API_UpdateAutoScalingGroup.html`, {
    'a lower maximum takes the desired capacity down with it': async (setting) => {
      const name = await createGroup(setting);
      await setting.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, MaxSize: 1 }));
      await eventually(setting, async () => assert.equal((await describeGroup(setting, name)).DesiredCapacity, 1));
    },
  }),
  ...fromPage(`${api}API_DeleteAutoScalingGroup.html`, {
    'a group with members goes only by force': async (setting) => {
      const name = await createGroup(setting, { DesiredCapacity: 1 });
      await inService(setting, name, 1);
      await refused(setting.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name })), 'ResourceInUseFault');
      await setting.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name, ForceDelete: true }));
    },
  }),
];
