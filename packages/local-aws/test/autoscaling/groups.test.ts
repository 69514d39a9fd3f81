import {
  AttachLoadBalancerTargetGroupsCommand,
  CreateLaunchConfigurationCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeleteLaunchConfigurationCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLaunchConfigurationsCommand,
  DescribeTagsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { scalingWorld, settledGroup } from './world.ts';

const named = { AutoScalingGroupName: 'web' };

describe('a group is created', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
  test('with AWS defaults, and launches its members evenly across its zones', async () => {
    const aws = await settledGroup({ DesiredCapacity: 7 });
    const group = await aws.describe();
    expect(group).toMatchObject({
      MinSize: 1,
      MaxSize: 10,
      DesiredCapacity: 7,
      DefaultCooldown: 300,
      HealthCheckType: 'EC2',
      HealthCheckGracePeriod: 0,
      TerminationPolicies: ['Default'],
      NewInstancesProtectedFromScaleIn: false,
    });
    expect(group?.AutoScalingGroupARN).toMatch(
      /^arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName\/web$/,
    );
    const zones = group?.Instances?.map(({ AvailabilityZone }) => AvailabilityZone) ?? [];
    const sizes = ['us-east-1a', 'us-east-1b', 'us-east-1c'].map((zone) => zones.filter((z) => z === zone).length);
    expect(sizes).toEqual([3, 2, 2]);
    expect(group?.Instances?.every(({ LifecycleState }) => LifecycleState === 'InService')).toBe(true);
  });

  test('with desired capacity at its minimum where none is given', async () => {
    const aws = await scalingWorld();
    await aws.create({ MinSize: 2, DesiredCapacity: undefined });
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 2 });
  });

  test('from a launch configuration, which is then in use', async () => {
    const aws = await scalingWorld();
    const configuration = { LaunchConfigurationName: 'old', ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro' };
    await aws.client.send(new CreateLaunchConfigurationCommand(configuration));
    expect(await refusal(aws.client.send(new CreateLaunchConfigurationCommand(configuration)))).toMatchObject({
      code: 'AlreadyExistsFault',
    });
    await aws.create({ LaunchTemplate: undefined, LaunchConfigurationName: 'old', DesiredCapacity: 1 });
    aws.advance(300);
    const group = await aws.describe();
    expect(group).toMatchObject({
      LaunchConfigurationName: 'old',
      Instances: [{ LaunchConfigurationName: 'old', InstanceType: 't3.micro' }],
    });
    const remove = () => aws.client.send(new DeleteLaunchConfigurationCommand({ LaunchConfigurationName: 'old' }));
    expect((await refusal(remove())).code).toMatch(/ResourceInUse/);
    await aws.client.send(new DeleteAutoScalingGroupCommand({ ...named, ForceDelete: true }));
    aws.advance(1200);
    await remove();
    expect((await aws.client.send(new DescribeLaunchConfigurationsCommand({}))).LaunchConfigurations).toEqual([]);
  });

  test('from the subnets of its zones', async () => {
    const aws = await scalingWorld();
    const [a, b] = aws.ec2.zones;
    await aws.create({ AvailabilityZones: undefined, VPCZoneIdentifier: `${a?.subnetId},${b?.subnetId}` });
    expect(await aws.describe()).toMatchObject({
      AvailabilityZones: [a?.name, b?.name],
      VPCZoneIdentifier: `${a?.subnetId},${b?.subnetId}`,
    });
  });

  test.each([
    ['a size below the minimum', { DesiredCapacity: 0 }, 'Desired capacity:0 must be between the specified min size:1 and max size:10'],
    ['bounds the wrong way round', { MinSize: 11 }, 'Max bound, 10, must be greater than or equal to min bound, 11'],
    ['a negative size', { MinSize: -1 }, /Value '-1' at 'minSize'/],
    ['no zone', { AvailabilityZones: undefined }, 'At least one Availability Zone or VPC Subnet is required.'],
    ['a zone that does not exist', { AvailabilityZones: ['us-east-1z'] }, /us-east-1z/],
    ['nothing to launch', { LaunchTemplate: undefined }, /^Valid requests must contain either LaunchTemplate/],
    ['an unknown template', { LaunchTemplate: { LaunchTemplateName: 'none' } }, /^You must use a valid fully-formed launch template/],
    ['an unknown health check type', { HealthCheckType: 'HTTP' }, /HealthCheckType/],
    ['an unknown termination policy', { TerminationPolicies: ['Youngest'] }, /termination policy/],
    ['what is not modelled', { PlacementGroup: 'near' }, 'PlacementGroup is not supported here.'],
    [
      'protection that is not modelled',
      { DeletionProtection: 'prevent-all-deletion' as const },
      'DeletionProtection is not supported here.',
    ],
    ['a load balancer of the classic kind', { LoadBalancerNames: ['old'] }, /^Provided Load Balancers may not be valid/],
    ['a termination policy of its own', { TerminationPolicies: ['arn:aws:lambda:us-east-1:123456789012:function:pick'] }, /policy/],
    ['too short a lifetime', { MaxInstanceLifetime: 3600 }, /maxInstanceLifetime/],
    ['a reserved tag', { Tags: [{ Key: 'aws:x', Value: '' }] }, /reserved/],
  ])('but not with %s', async (_, input, message) => {
    const aws = await scalingWorld();
    const refused = await refusal(aws.create(input));
    expect(refused).toMatchObject({ code: 'ValidationError', status: 400 });
    expect(refused.message).toMatch(message);
    expect(await aws.describe()).toBeUndefined();
  });

  test('only once under a name', async () => {
    const aws = await scalingWorld();
    await aws.create();
    expect(await refusal(aws.create())).toMatchObject({ code: expect.stringMatching(/^AlreadyExists/), status: 400 });
  });
});

describe('groups are described', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
  test('page by page, and a token belongs to its own listing', async () => {
    const aws = await scalingWorld();
    for (const name of ['a', 'b', 'c']) await aws.create({ AutoScalingGroupName: name, DesiredCapacity: 1 });
    const list = (input: { NextToken?: string | undefined; MaxRecords?: number; AutoScalingGroupNames?: string[] }) =>
      aws.client.send(new DescribeAutoScalingGroupsCommand(input));
    const first = await list({ MaxRecords: 2 });
    const second = await list({ MaxRecords: 2, NextToken: first.NextToken });
    const names = [...(first.AutoScalingGroups ?? []), ...(second.AutoScalingGroups ?? [])].map((g) => g.AutoScalingGroupName);
    expect(names).toEqual(['a', 'b', 'c']);
    expect(second.NextToken).toBeUndefined();
    expect(await refusal(list({ NextToken: first.NextToken, AutoScalingGroupNames: ['a'] }))).toMatchObject({ code: 'InvalidNextToken' });
    expect(await refusal(list({ NextToken: 'x' }))).toMatchObject({ code: 'InvalidNextToken', status: 400 });
    expect(await refusal(list({ MaxRecords: 101 }))).toMatchObject({ code: 'ValidationError' });
    expect((await list({ AutoScalingGroupNames: ['none', 'b'] })).AutoScalingGroups).toHaveLength(1);
  });

  test('by their tags; all filters must hold', async () => {
    const aws = await scalingWorld();
    await aws.create({ AutoScalingGroupName: 'a', Tags: [{ Key: 'team', Value: 'one' }] });
    await aws.create({
      AutoScalingGroupName: 'b',
      Tags: [
        { Key: 'team', Value: 'two' },
        { Key: 'selfheal', Value: 'on' },
      ],
    });
    const find = async (...Filters: { Name: string; Values: string[] }[]) => {
      const { AutoScalingGroups = [] } = await aws.client.send(new DescribeAutoScalingGroupsCommand({ Filters }));
      return AutoScalingGroups.map(({ AutoScalingGroupName }) => AutoScalingGroupName);
    };
    expect(await find({ Name: 'tag-key', Values: ['team'] })).toEqual(['a', 'b']);
    expect(await find({ Name: 'tag:team', Values: ['one'] })).toEqual(['a']);
    expect(await find({ Name: 'tag:team', Values: ['one', 'two'] }, { Name: 'tag-value', Values: ['on'] })).toEqual(['b']);
    expect(await refusal(find({ Name: 'name', Values: ['a'] }))).toMatchObject({ code: 'ValidationError' });
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingInstances.html
  test('by their instances, of which unknown ones are left out', async () => {
    const aws = await settledGroup({ DesiredCapacity: 2 });
    const [id = ''] = aws.inService();
    const { AutoScalingInstances } = await aws.client.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id, 'i-0'] }));
    expect(AutoScalingInstances).toMatchObject([
      { InstanceId: id, AutoScalingGroupName: 'web', LifecycleState: 'InService', HealthStatus: 'HEALTHY', ProtectedFromScaleIn: false },
    ]);
    const all = await aws.client.send(new DescribeAutoScalingInstancesCommand({}));
    expect(all.AutoScalingInstances).toHaveLength(2);
  });
});

describe('a group is updated', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
  test('and new bounds take desired capacity with them', async () => {
    const aws = await settledGroup();
    const update = (input: object) => aws.client.send(new UpdateAutoScalingGroupCommand({ ...named, ...input }));
    await update({ MinSize: 5 });
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 5 });
    await update({ MinSize: 0, MaxSize: 2 });
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 2 });
    aws.advance(900);
    expect(aws.inService()).toHaveLength(2);
    const [newest] = await aws.activities();
    expect(newest?.Cause).toMatch(
      /a user request update of AutoScalingGroup constraints to min: 0, max: 2, desired: 2 changing the desired capacity from 5 to 2\./,
    );
    expect(await refusal(update({ DesiredCapacity: 3 }))).toMatchObject({ code: 'ValidationError' });
    expect(await refusal(update({ AutoScalingGroupName: 'none' }))).toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(/^AutoScalingGroup name not found/),
    });
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html
  test('with target groups', async () => {
    const aws = await scalingWorld();
    await aws.create();
    await aws.client.send(new AttachLoadBalancerTargetGroupsCommand({ ...named, TargetGroupARNs: ['arn:tg'] }));
    expect(await aws.describe()).toMatchObject({ TargetGroupARNs: ['arn:tg'] });
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SuspendProcesses.html
  test('with processes suspended, all of them unless some are named', async () => {
    const aws = await scalingWorld();
    await aws.create();
    await aws.client.send(new SuspendProcessesCommand({ ...named, ScalingProcesses: ['Launch'] }));
    expect((await aws.describe())?.SuspendedProcesses).toEqual([
      { ProcessName: 'Launch', SuspensionReason: 'User suspended at 2026-11-20T12:00:00Z' },
    ]);
    await aws.client.send(new SuspendProcessesCommand(named));
    expect((await aws.describe())?.SuspendedProcesses).toHaveLength(9);
    await aws.client.send(new ResumeProcessesCommand(named));
    expect((await aws.describe())?.SuspendedProcesses).toEqual([]);
    const wrong = aws.client.send(new SuspendProcessesCommand({ ...named, ScalingProcesses: ['Lunch'] }));
    expect(await refusal(wrong)).toMatchObject({ code: 'ValidationError' });
  });
});

describe('a group is deleted', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html
  const remove = (ForceDelete?: boolean) => new DeleteAutoScalingGroupCommand({ ...named, ...(ForceDelete ? { ForceDelete } : {}) });

  test('only by force while it has members, which are then terminated', async () => {
    const aws = await settledGroup();
    expect(await refusal(aws.client.send(remove()))).toMatchObject({ code: expect.stringMatching(/^ResourceInUse/), status: 400 });
    const members = aws.inService();
    await aws.client.send(remove(true));
    expect(await aws.describe()).toMatchObject({ Status: 'Delete in progress' });
    expect(await refusal(aws.create())).toMatchObject({ code: expect.stringMatching(/^AlreadyExists/) });
    aws.advance(1200);
    expect(await aws.describe()).toBeUndefined();
    expect(members.map((id) => aws.ec2.get(id)?.state)).toEqual(['terminated', 'terminated', 'terminated']);
  });

  test('not while activities are under way', async () => {
    const aws = await scalingWorld();
    await aws.create();
    aws.advance(20);
    expect(await refusal(aws.client.send(remove()))).toMatchObject({ code: expect.stringMatching(/^ScalingActivityInProgress/) });
  });

  test('at once when it is empty', async () => {
    const aws = await scalingWorld();
    await aws.create({ MinSize: 0, DesiredCapacity: 0 });
    await aws.client.send(remove());
    aws.advance(60);
    expect(await aws.describe()).toBeUndefined();
  });
});

describe('tags', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
  test('propagate to members launched later, and members name their group', async () => {
    const aws = await settledGroup({
      DesiredCapacity: 1,
      Tags: [
        { Key: 'selfheal', Value: 'on & <off>', PropagateAtLaunch: true },
        { Key: 'quiet', Value: '' },
      ],
    });
    const [id = ''] = aws.inService();
    const { Reservations } = await aws.ec2Client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const tags = Reservations?.[0]?.Instances?.[0]?.Tags;
    expect(tags).toContainEqual({ Key: 'selfheal', Value: 'on & <off>' });
    expect(tags).toContainEqual({ Key: 'aws:autoscaling:groupName', Value: 'web' });
    expect(tags?.some(({ Key }) => Key === 'quiet')).toBe(false);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateOrUpdateTags.html
  test('are put, found and removed', async () => {
    const aws = await scalingWorld();
    await aws.create();
    const tag = { ResourceId: 'web', ResourceType: 'auto-scaling-group', Key: 'k', Value: '1', PropagateAtLaunch: false };
    await aws.client.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Value: '0' }] }));
    await aws.client.send(new CreateOrUpdateTagsCommand({ Tags: [tag] }));
    const find = (Name: string, Value: string) => aws.client.send(new DescribeTagsCommand({ Filters: [{ Name, Values: [Value] }] }));
    expect((await find('key', 'k')).Tags).toEqual([tag]);
    expect((await find('value', '0')).Tags).toEqual([]);
    expect(await refusal(find('colour', 'red'))).toMatchObject({ code: 'ValidationError' });
    await aws.client.send(new DeleteTagsCommand({ Tags: [{ ...tag, Value: 'another' }] }));
    expect((await find('auto-scaling-group', 'web')).Tags).toHaveLength(1);
    await aws.client.send(new DeleteTagsCommand({ Tags: [{ ResourceId: 'web', ResourceType: 'auto-scaling-group', Key: 'k' }] }));
    expect((await aws.describe())?.Tags).toEqual([]);
    const unknown = aws.client.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, ResourceId: 'none' }] }));
    expect(await refusal(unknown)).toMatchObject({ code: 'ValidationError' });
  });
});
