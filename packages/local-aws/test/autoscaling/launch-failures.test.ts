import { DeleteAutoScalingGroupCommand, DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { scalingWorld, settledGroup } from './world.ts';

type World = Awaited<ReturnType<typeof scalingWorld>>;

/** Takes a member away, so that the group has to launch one. */
const loseOne = async (aws: World) => {
  aws.ec2.terminate(aws.inService()[0] ?? '', 'user');
  aws.advance(900);
  const [newest] = await aws.activities();
  return newest;
};

describe('a group can no longer launch', () => {
  test('because its launch template is gone', async () => {
    const aws = await settledGroup();
    const id = (await aws.describe())?.LaunchTemplate?.LaunchTemplateId;
    await aws.ec2Client.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: 'web' }));
    const message = `The specified launch template, with template ID ${id}, does not exist. Launching EC2 instance failed.`;
    expect(await loseOne(aws)).toMatchObject({ StatusCode: 'Failed', StatusMessage: message, Progress: 100 });
    expect(aws.events('EC2 Instance Launch Unsuccessful').at(-1)?.detail).toMatchObject({ StatusMessage: message, EC2InstanceId: '' });
    expect(aws.inService()).toHaveLength(2);
  });

  test('because the version of its launch template is gone', async () => {
    const aws = await scalingWorld();
    await aws.ec2Client.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateName: 'web',
        SourceVersion: '1',
        LaunchTemplateData: { InstanceType: 'm5.xlarge' },
      }),
    );
    await aws.create({ LaunchTemplate: { LaunchTemplateName: 'web', Version: '2' } });
    aws.advance(600);
    await aws.ec2Client.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateName: 'web', Versions: ['2'] }));
    expect((await loseOne(aws))?.StatusMessage).toMatch(
      /^Could not find the specified version 2 for the launch template with ID lt-\w+\. Launching EC2 instance failed\.$/,
    );
  });

  // What AWS says there: https://github.com/aws/aws-parallelcluster/issues/1944
  test('because no zone has spot capacity, until one has', async () => {
    const aws = await scalingWorld();
    await aws.ec2Client.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'spot',
        LaunchTemplateData: {
          ImageId: 'ami-0123456789abcdef0',
          InstanceType: 'm5.large',
          InstanceMarketOptions: { MarketType: 'spot' },
        },
      }),
    );
    await aws.create({ LaunchTemplate: { LaunchTemplateName: 'spot' } });
    aws.advance(600);
    const ends = aws.ec2.zones.map(({ name }) => aws.ec2.faults['exhaust-zone'](name));
    expect(await loseOne(aws)).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage: 'There is no Spot capacity available that matches your request. Launching EC2 instance failed.',
      Description:
        'Launching a new EC2 instance.  Status Reason: There is no Spot capacity available that matches your request. Launching EC2 instance failed.',
    });
    for (const end of ends) end();
    aws.advance(1800);
    expect(aws.inService()).toHaveLength(3);
  });
});

describe('a launch that was accepted dies before it is in service', () => {
  /** From now on until it is told to stop, instances are terminated while they are pending. */
  const dying = (aws: World) => {
    let dies = true;
    aws.world.subscribe((worldEvent) => {
      if (!dies || worldEvent.type !== 'instance-state' || worldEvent.to !== 'pending') return;
      aws.world.clock.after(1000, () => aws.ec2.terminate(worldEvent.instanceId, 'user'));
    });
    return () => {
      dies = false;
    };
  };

  test('and the activity ends Cancelled, with the reason that EC2 gives', async () => {
    const aws = await scalingWorld();
    dying(aws);
    await aws.create({ DesiredCapacity: 1 });
    aws.advance(60);
    expect((await aws.activities()).at(-1)).toMatchObject({
      StatusCode: 'Cancelled',
      StatusMessage:
        'Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.UserInitiatedShutdown: User initiated shutdown',
    });
  });

  test('time and again, with growing delays, until the cause is gone', async () => {
    const aws = await scalingWorld();
    const mend = dying(aws);
    await aws.create({ DesiredCapacity: 1 });
    aws.advance(3600);
    const failed = aws.events('EC2 Instance Launch Unsuccessful').length;
    expect(failed).toBeGreaterThan(4);
    expect(failed).toBeLessThan(12);
    mend();
    aws.advance(1800);
    expect(aws.inService()).toHaveLength(1);
  });
});

// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html
describe('what a deleted group did', () => {
  test('is told to whoever asks for deleted groups, for six weeks', async () => {
    const aws = await settledGroup();
    const list = (input: object) => aws.client.send(new DescribeScalingActivitiesCommand(input));
    await aws.client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'web', ForceDelete: true }));
    aws.advance(1200);
    const deleted = { AutoScalingGroupName: 'web', IncludeDeletedGroups: true };
    expect((await list(deleted)).Activities).toHaveLength(6);
    expect((await list({ IncludeDeletedGroups: true })).Activities).toHaveLength(6);
    expect((await list({})).Activities).toEqual([]);
    expect(await refusal(list({ AutoScalingGroupName: 'web' }))).toMatchObject({ code: 'ValidationError' });
    expect(await refusal(list({ ...deleted, AutoScalingGroupName: 'none' }))).toMatchObject({ code: 'ValidationError' });
    aws.advance(43 * 86_400);
    expect((await list(deleted)).Activities).toEqual([]);
  });
});
