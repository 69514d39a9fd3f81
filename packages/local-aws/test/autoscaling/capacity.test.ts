import {
  AttachInstancesCommand,
  DescribeScalingActivitiesCommand,
  DetachInstancesCommand,
  PutWarmPoolCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { scalingWorld, settledGroup } from './world.ts';

const named = { AutoScalingGroupName: 'web' };
const desire = (DesiredCapacity: number, HonorCooldown?: boolean) =>
  new SetDesiredCapacityCommand({ ...named, DesiredCapacity, ...(HonorCooldown ? { HonorCooldown } : {}) });

describe('desired capacity', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html
  test('is reached, and activities say why', async () => {
    const aws = await settledGroup();
    await aws.client.send(desire(5));
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 5 });
    expect(aws.inService()).toHaveLength(3);
    aws.advance(300);
    expect(aws.inService()).toHaveLength(5);
    const [newest] = await aws.activities();
    expect(newest?.Cause).toMatch(
      /^At \S+Z a user request explicitly set group desired capacity changing the desired capacity from 3 to 5\. {2}At \S+Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 3 to 5\.$/,
    );
    await aws.client.send(desire(4));
    aws.advance(600);
    const [termination] = await aws.activities();
    expect(termination?.Cause).toMatch(
      /shrinking the capacity from 5 to 4\. {2}At \S+Z instance i-[0-9a-f]+ was selected for termination\.$/,
    );
  });

  test.each([
    [11, 'New SetDesiredCapacity value 11 is above max value 10 for the AutoScalingGroup.'],
    [0, 'New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.'],
  ])('may not be %s', async (size, message) => {
    const aws = await settledGroup();
    expect(await refusal(aws.client.send(desire(size)))).toMatchObject({ code: 'ValidationError', status: 400, message });
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 3 });
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scaling-cooldowns.html
  test('is not changed during the cooldown, if the caller honours it', async () => {
    const aws = await scalingWorld();
    await aws.create({ DefaultCooldown: 600 });
    aws.advance(300);
    expect(await refusal(aws.client.send(desire(4, true)))).toMatchObject({
      code: expect.stringMatching(/^ScalingActivityInProgress/),
      status: 400,
    });
    aws.advance(600);
    await aws.client.send(desire(4, true));
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 4 });
    await aws.client.send(desire(5));
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 5 });
  });

  test('shows in what a describe call answers only after a moment', async () => {
    let lagged = false;
    for (let seed = 1; seed <= 5; seed++) {
      const aws = await settledGroup({}, seed);
      await aws.client.send(desire(4));
      while ((aws.autoScaling.get('web')?.memberIds.length ?? 0) < 4) aws.advance(1);
      if ((await aws.describe())?.Instances?.length === 3) lagged = true;
      aws.advance(5);
      expect((await aws.describe())?.Instances).toHaveLength(4);
    }
    expect(lagged).toBe(true);
  });
});

describe('a scale-in', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
  test('keeps zones balanced', async () => {
    const aws = await settledGroup({ DesiredCapacity: 9 });
    await aws.client.send(desire(3));
    aws.advance(900);
    const zones = aws.inService().map((id) => aws.ec2.get(id)?.availabilityZone);
    expect(zones.sort()).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
  test('waits while Terminate is suspended', async () => {
    const aws = await settledGroup();
    const process = { ...named, ScalingProcesses: ['Terminate'] };
    await aws.client.send(new SuspendProcessesCommand(process));
    await aws.client.send(desire(1));
    aws.advance(1200);
    expect(aws.inService()).toHaveLength(3);
    await aws.client.send(new ResumeProcessesCommand(process));
    aws.advance(600);
    expect(aws.inService()).toHaveLength(1);
  });

  test('takes from the zone with the most members, though the oldest are elsewhere', async () => {
    const aws = await settledGroup({ DesiredCapacity: 4, AvailabilityZones: ['us-east-1a', 'us-east-1b'] });
    const inZone = (zone: string) => aws.inService().filter((id) => aws.ec2.get(id)?.availabilityZone === zone);
    const InstanceId = inZone('us-east-1a')[1] ?? '';
    await aws.client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: true }));
    await aws.client.send(desire(2));
    aws.advance(900);
    expect([inZone('us-east-1a').length, inZone('us-east-1b').length]).toEqual([1, 1]);
  });

  test.each([
    ['NewestInstance', 0],
    ['OldestInstance', 1],
  ])('follows the policy %s', async (policy, survivor) => {
    const aws = await settledGroup({ DesiredCapacity: 1, AvailabilityZones: ['us-east-1a'], TerminationPolicies: [policy] });
    const [first = ''] = aws.inService();
    await aws.client.send(desire(2));
    aws.advance(300);
    const second = aws.inService().find((id) => id !== first) ?? '';
    await aws.client.send(desire(1));
    aws.advance(600);
    expect(aws.inService()).toEqual([[first, second][survivor]]);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html
  test('spares protected members, and says so when nothing else is left', async () => {
    const aws = await settledGroup();
    const protect = (InstanceIds: readonly string[], ProtectedFromScaleIn: boolean) =>
      aws.client.send(new SetInstanceProtectionCommand({ ...named, InstanceIds: [...InstanceIds], ProtectedFromScaleIn }));
    const [one = '', two = '', three = ''] = aws.inService();
    await protect([one, three], true);
    await aws.client.send(desire(1));
    aws.advance(900);
    expect(aws.inService()).toEqual([one, three]);
    expect(aws.ec2.get(two)?.state ?? 'terminated').toBe('terminated');
    const [refused] = await aws.activities();
    expect(refused).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage: 'Could not scale to desired capacity because all remaining instances are protected from scale-in.',
    });
    await protect([three], false);
    aws.advance(900);
    expect(aws.inService()).toEqual([one]);
  });
});

describe('a member is terminated through its group', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html
  const terminate = (InstanceId: string, ShouldDecrementDesiredCapacity: boolean) =>
    new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity });

  test('and replaced', async () => {
    const aws = await settledGroup();
    const [id = ''] = aws.inService();
    const { Activity } = await aws.client.send(terminate(id, false));
    expect(Activity).toMatchObject({ StatusCode: 'InProgress', Progress: 0, Description: `Terminating EC2 instance: ${id}` });
    expect(Activity?.Cause).toMatch(new RegExp(`^At \\S+Z instance ${id} was taken out of service in response to a user request\\.$`));
    expect(await refusal(aws.client.send(terminate(id, false)))).toMatchObject({
      code: expect.stringMatching(/^ScalingActivityInProgress/),
    });
    aws.advance(900);
    expect(aws.inService()).toHaveLength(3);
    expect(aws.inService()).not.toContain(id);
    expect(await refusal(aws.client.send(terminate(id, false)))).toMatchObject({
      code: 'ValidationError',
      message: `Instance Id not found - No managed instance found for instance ID: ${id}`,
    });
  });

  test('and not replaced, as long as that leaves the minimum', async () => {
    const aws = await settledGroup({ MinSize: 2 });
    const [first = '', second = ''] = aws.inService();
    const { Activity } = await aws.client.send(terminate(first, true));
    expect(Activity?.Cause).toMatch(/, shrinking the capacity from 3 to 2\.$/);
    aws.advance(900);
    expect(aws.inService()).toHaveLength(2);
    expect(await refusal(aws.client.send(terminate(second, true)))).toMatchObject({
      code: 'ValidationError',
      message:
        "Currently, desiredSize equals minSize (2). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
    });
  });

  test('together with others, named with their group', async () => {
    const aws = await settledGroup();
    const [one = '', two = ''] = aws.inService();
    const both = { InstanceIds: [one, two], ShouldDecrementDesiredCapacity: false };
    expect(await refusal(aws.client.send(new TerminateInstanceInAutoScalingGroupCommand(both)))).toMatchObject({ code: 'ValidationError' });
    const { Activities, Activity } = await aws.client.send(new TerminateInstanceInAutoScalingGroupCommand({ ...both, ...named }));
    expect(Activities).toHaveLength(2);
    expect(Activity).toBeUndefined();
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
  test('but not one in a warm pool', async () => {
    const aws = await settledGroup({ MaxSize: 4 });
    await aws.client.send(new PutWarmPoolCommand({ ...named, PoolState: 'Stopped' }));
    aws.advance(1200);
    const warm = [...aws.ec2.list()].find(({ state }) => state === 'stopped');
    expect(await refusal(aws.client.send(terminate(warm?.id ?? '', false)))).toMatchObject({ code: 'ValidationError', status: 400 });
    expect(aws.autoScaling.get('web')?.memberIds).not.toContain(warm?.id);
    await aws.client.send(desire(4));
    aws.advance(600);
    expect(aws.inService()).toContain(warm?.id);
    expect(aws.inService()).toHaveLength(4);
  });
});

describe('instances come and go by hand', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachInstances.html
  test('one is attached and desired capacity grows; it is detached and lives on', async () => {
    const aws = await settledGroup({ MaxSize: 4 });
    const { Instances } = await aws.ec2Client.send(
      new RunInstancesCommand({
        ImageId: 'ami-0123456789abcdef0',
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        Placement: { AvailabilityZone: 'us-east-1a' },
      }),
    );
    const id = Instances?.[0]?.InstanceId ?? '';
    const attach = () => aws.client.send(new AttachInstancesCommand({ ...named, InstanceIds: [id] }));
    expect(await refusal(attach())).toMatchObject({ code: 'ValidationError' });
    aws.advance(120);
    await attach();
    aws.advance(60);
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 4 });
    expect(aws.inService()).toContain(id);
    expect(aws.ec2.get(id)?.groupName).toBe('web');
    expect(await refusal(attach())).toMatchObject({ code: 'ValidationError' });
    const { Activities } = await aws.client.send(
      new DetachInstancesCommand({ ...named, InstanceIds: [id], ShouldDecrementDesiredCapacity: true }),
    );
    expect(Activities).toMatchObject([{ Description: `Detaching EC2 instance: ${id}`, StatusCode: 'InProgress' }]);
    aws.advance(600);
    expect(aws.inService()).toHaveLength(3);
    expect(aws.ec2.get(id)).toMatchObject({ state: 'running', groupName: null });
  });
});

describe('a launch fails', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-capacity.html
  test('for want of capacity in one zone, and another zone takes its place', async () => {
    const aws = await scalingWorld();
    aws.ec2.faults['exhaust-zone']('us-east-1a');
    await aws.create();
    aws.advance(300);
    expect(aws.inService()).toHaveLength(3);
    expect(aws.inService().map((id) => aws.ec2.get(id)?.availabilityZone)).not.toContain('us-east-1a');
    const failed = (await aws.activities()).find(({ StatusCode }) => StatusCode === 'Failed');
    expect(failed?.StatusMessage).toMatch(
      /sufficient m5\.large capacity in the Availability Zone you requested.* Launching EC2 instance failed\.$/,
    );
    expect(failed?.Description).toMatch(/^Launching a new EC2 instance\. {2}Status Reason: We currently do not have sufficient/);
  });

  test('everywhere, is told to EventBridge, and tried again with growing delays until it works', async () => {
    const aws = await scalingWorld();
    const ends = aws.ec2.zones.map(({ name }) => aws.ec2.faults['exhaust-zone'](name));
    await aws.create({ DesiredCapacity: 1, AvailabilityZones: ['us-east-1a'] });
    aws.advance(3600);
    const unsuccessful = aws.events('EC2 Instance Launch Unsuccessful');
    expect(unsuccessful.length).toBeGreaterThan(4);
    expect(unsuccessful.length).toBeLessThan(12);
    const gaps = unsuccessful.slice(1).map((event, i) => Date.parse(event.time) - Date.parse(unsuccessful[i]?.time ?? ''));
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
    expect(unsuccessful[0]).toMatchObject({
      source: 'aws.autoscaling',
      resources: [aws.autoScaling.get('web')?.arn],
      detail: {
        StatusCode: 'Failed',
        AutoScalingGroupName: 'web',
        EC2InstanceId: '',
        Details: { 'Availability Zone': 'us-east-1a', 'Subnet ID': aws.ec2.zones[0]?.subnetId },
        StatusMessage: expect.stringMatching(/Launching EC2 instance failed\.$/),
        Cause: expect.stringMatching(/^At /),
      },
    });
    for (const end of ends) end();
    aws.advance(1800);
    expect(aws.inService()).toHaveLength(1);
  });

  test.each([
    ['quota', (aws: Awaited<ReturnType<typeof scalingWorld>>) => aws.ec2.limitVcpus(0), /vCPU/],
    [
      'its image',
      (aws: Awaited<ReturnType<typeof scalingWorld>>) => aws.ec2.deregisterImage('ami-0123456789abcdef0'),
      /^The image id '\[ami-0123456789abcdef0\]' does not exist\. Launching EC2 instance failed\.$/,
    ],
  ])('for want of %s, and no other zone is tried', async (_, breakIt, message) => {
    const aws = await scalingWorld();
    const mend = breakIt(aws);
    await aws.create();
    aws.advance(300);
    const failed = await aws.activities();
    expect(failed.length).toBeGreaterThan(1);
    expect(failed.every(({ StatusCode, Details }) => StatusCode === 'Failed' && Details?.includes('us-east-1a'))).toBe(true);
    expect(failed[0]?.StatusMessage).toMatch(message);
    mend();
    aws.advance(600);
    expect(aws.inService()).toHaveLength(3);
  });

  test('for a day, and launching is suspended by AWS', async () => {
    const aws = await scalingWorld();
    aws.ec2.faults['exhaust-zone']('us-east-1a');
    await aws.create({ AvailabilityZones: ['us-east-1a'] });
    aws.advance(90_000);
    expect((await aws.describe())?.SuspendedProcesses).toMatchObject([{ ProcessName: 'Launch' }]);
  });
});

describe('activities are described', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html
  test('newest first, page by page, or by their ids', async () => {
    const aws = await settledGroup({ DesiredCapacity: 5 });
    await aws.client.send(desire(4));
    aws.advance(900);
    const all = await aws.activities();
    expect(all).toHaveLength(6);
    const starts = all.map(({ StartTime }) => StartTime?.getTime() ?? 0);
    expect(starts).toEqual([...starts].sort((a, b) => b - a));
    const list = (input: object) => aws.client.send(new DescribeScalingActivitiesCommand({ ...named, ...input }));
    const first = await list({ MaxRecords: 4 });
    const second = await list({ MaxRecords: 4, NextToken: first.NextToken });
    expect([...(first.Activities ?? []), ...(second.Activities ?? [])]).toEqual(all);
    expect((await list({ ActivityIds: [all[2]?.ActivityId] })).Activities).toEqual([all[2]]);
    expect(await refusal(list({ NextToken: 'bm9uc2Vuc2U' }))).toMatchObject({ code: 'InvalidNextToken' });
    expect(await refusal(list({ AutoScalingGroupName: 'none' }))).toMatchObject({ code: 'ValidationError' });
    expect(JSON.parse(all[0]?.Details ?? '')).toEqual({ 'Subnet ID': expect.any(String), 'Availability Zone': expect.any(String) });
  });
});
