import {
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import { createWorld, type EventBridgeEvent } from '../../src/core/world.ts';
import { createAutoScaling } from '../../src/services/autoscaling/index.ts';
import { createCloudWatch } from '../../src/services/cloudwatch/index.ts';
import { createEc2 } from '../../src/services/ec2/index.ts';
import { createLoadBalancing } from '../../src/services/elb/index.ts';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, worldOptions } from '../harness.ts';

/** A world with EC2, Auto Scaling, load balancers and CloudWatch, and one launch template called `web`. */
export const scalingWorld = async (seed = 1) => {
  const world = createWorld({ ...worldOptions, seed });
  const ec2 = createEc2(world);
  const autoScaling = createAutoScaling(world, ec2);
  const loadBalancing = createLoadBalancing(world, ec2, autoScaling);
  const cloudWatchPart = createCloudWatch(world);
  for (const source of [ec2.metrics, autoScaling.metrics]) cloudWatchPart.addSource('AWS/EC2', source);
  autoScaling.scaleByAlarms(cloudWatchPart);
  const { handle } = createGateway(world, [ec2.service, autoScaling.service, loadBalancing.service, cloudWatchPart.service]);
  const { ec2: ec2Client, autoScaling: client, elb, cloudWatch } = localClients(handle);
  await ec2Client.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'web',
      LaunchTemplateData: { ImageId: 'ami-0123456789abcdef0', InstanceType: 'm5.large' },
    }),
  );

  const advance = (seconds: number) => world.clock.advanceTo(world.clock.now() + seconds * 1000);

  const create = (input: Partial<CreateAutoScalingGroupCommandInput> = {}) =>
    client.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: 'web',
        LaunchTemplate: { LaunchTemplateName: 'web' },
        MinSize: 1,
        MaxSize: 10,
        DesiredCapacity: 3,
        AvailabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
        ...input,
      }),
    );

  const describe = async (name = 'web') => {
    const { AutoScalingGroups = [] } = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
    return AutoScalingGroups[0];
  };

  /** Newest first. */
  const activities = async (name = 'web') => {
    const { Activities = [] } = await client.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name }));
    return Activities;
  };

  /** What EventBridge was told of Auto Scaling, oldest first. */
  const events = (detailType?: string): EventBridgeEvent[] =>
    world.outbox.flatMap((delivery) =>
      delivery.to === 'eventbridge' &&
      delivery.event.source === 'aws.autoscaling' &&
      (detailType === undefined || delivery.event['detail-type'] === detailType)
        ? [delivery.event]
        : [],
    );

  const inService = (name = 'web'): readonly string[] => autoScaling.get(name)?.inServiceIds ?? [];

  return { world, ec2, autoScaling, client, ec2Client, elb, cloudWatch, advance, create, describe, activities, events, inService };
};

/** A group of `desired` members, all in service for ten minutes. */
export const settledGroup = async (input: Partial<CreateAutoScalingGroupCommandInput> = {}, seed = 1) => {
  const aws = await scalingWorld(seed);
  await aws.create(input);
  aws.advance(600);
  return aws;
};
