import {
  CancelInstanceRefreshCommand,
  DeleteWarmPoolCommand,
  DescribeInstanceRefreshesCommand,
  DescribeWarmPoolCommand,
  PutWarmPoolCommand,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { settledGroup } from './world.ts';

const named = { AutoScalingGroupName: 'web' };

describe('an instance refresh', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html
  const start = (Preferences: object = {}) => new StartInstanceRefreshCommand({ ...named, Preferences });
  const list = new DescribeInstanceRefreshesCommand(named);

  test('replaces all members, as many at once as the minimum healthy percentage allows', async () => {
    const aws = await settledGroup({ DesiredCapacity: 4 });
    const before = aws.inService();
    const { InstanceRefreshId } = await aws.client.send(start({ MinHealthyPercentage: 50 }));
    expect(await refusal(aws.client.send(start()))).toMatchObject({
      code: expect.stringMatching(/^InstanceRefreshInProgress/),
      status: 400,
    });
    let fewest = 4;
    for (let i = 0; i < 1800; i += 5) {
      aws.advance(5);
      fewest = Math.min(fewest, aws.inService().length);
    }
    expect(fewest).toBe(2);
    expect(aws.inService().filter((id) => before.includes(id))).toEqual([]);
    expect(aws.inService()).toHaveLength(4);
    const { InstanceRefreshes } = await aws.client.send(list);
    expect(InstanceRefreshes).toMatchObject([{ InstanceRefreshId, Status: 'Successful', PercentageComplete: 100, InstancesToUpdate: 0 }]);
    const told = aws.events().filter((event) => event['detail-type'].includes('Refresh'));
    expect(told.map((event) => event['detail-type'])).toEqual([
      'EC2 Auto Scaling Instance Refresh Started',
      'EC2 Auto Scaling Instance Refresh Succeeded',
    ]);
    expect(told[0]?.detail).toEqual({ InstanceRefreshId, AutoScalingGroupName: 'web' });
  });

  test('can be cancelled while it runs', async () => {
    const aws = await settledGroup({ DesiredCapacity: 4, DefaultInstanceWarmup: 300 });
    const cancel = () => aws.client.send(new CancelInstanceRefreshCommand(named));
    expect(await refusal(cancel())).toMatchObject({ code: expect.stringMatching(/^ActiveInstanceRefreshNotFound/) });
    const before = aws.inService();
    await aws.client.send(start());
    aws.advance(120);
    expect((await aws.client.send(list)).InstanceRefreshes).toMatchObject([{ Status: 'InProgress' }]);
    await cancel();
    aws.advance(3600);
    expect((await aws.client.send(list)).InstanceRefreshes).toMatchObject([{ Status: 'Cancelled' }]);
    expect(aws.inService().filter((id) => before.includes(id)).length).toBeGreaterThan(1);
    expect(aws.inService()).toHaveLength(4);
  });

  test('waits an hour for protected members, and then fails', async () => {
    const aws = await settledGroup({ DesiredCapacity: 2 });
    const [kept = ''] = aws.inService();
    await aws.client.send(new SetInstanceProtectionCommand({ ...named, InstanceIds: [kept], ProtectedFromScaleIn: true }));
    await aws.client.send(start());
    aws.advance(3000);
    expect((await aws.client.send(list)).InstanceRefreshes).toMatchObject([{ Status: 'InProgress', PercentageComplete: 50 }]);
    aws.advance(3000);
    expect((await aws.client.send(list)).InstanceRefreshes).toMatchObject([{ Status: 'Failed' }]);
    expect(aws.inService()).toContain(kept);
  });

  test('stands still while its process is suspended', async () => {
    const aws = await settledGroup();
    const before = aws.inService();
    const process = { ...named, ScalingProcesses: ['InstanceRefresh'] };
    await aws.client.send(new SuspendProcessesCommand(process));
    await aws.client.send(start());
    aws.advance(1800);
    expect(aws.inService()).toEqual(before);
    await aws.client.send(new ResumeProcessesCommand(process));
    aws.advance(1800);
    expect(aws.inService().filter((id) => before.includes(id))).toEqual([]);
  });

  test('skips members that match already, if asked to', async () => {
    const aws = await settledGroup();
    const before = aws.inService();
    await aws.client.send(start({ SkipMatching: true }));
    aws.advance(600);
    expect((await aws.client.send(list)).InstanceRefreshes).toMatchObject([{ Status: 'Successful' }]);
    expect(aws.inService()).toEqual(before);
  });
});

describe('a warm pool', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html
  test('holds stopped instances up to the maximum size, and is emptied when it is deleted', async () => {
    const aws = await settledGroup({ MaxSize: 5 });
    await aws.client.send(new PutWarmPoolCommand(named));
    aws.advance(1200);
    const pool = () => aws.client.send(new DescribeWarmPoolCommand(named));
    const { Instances = [], WarmPoolConfiguration } = await pool();
    expect(WarmPoolConfiguration).toMatchObject({ MinSize: 0, PoolState: 'Stopped' });
    expect(Instances.map(({ LifecycleState }) => LifecycleState)).toEqual(['Warmed:Stopped', 'Warmed:Stopped']);
    expect(Instances.map(({ InstanceId = '' }) => aws.ec2.get(InstanceId)?.state)).toEqual(['stopped', 'stopped']);
    expect(await aws.describe()).toMatchObject({ WarmPoolSize: 2 });
    expect((await aws.describe())?.Instances).toHaveLength(3);
    await aws.client.send(new DeleteWarmPoolCommand({ ...named, ForceDelete: true }));
    aws.advance(1800);
    expect(await pool()).toMatchObject({ Instances: [] });
    expect((await pool()).WarmPoolConfiguration).toBeUndefined();
    expect(aws.inService()).toHaveLength(3);
  });
});
