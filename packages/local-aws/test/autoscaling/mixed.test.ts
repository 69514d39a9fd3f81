import {
  type InstancesDistribution,
  type LaunchTemplateOverrides,
  type MixedInstancesPolicy,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { nextIsSpot, onDemandOf } from '../../src/services/autoscaling/model/mixed.ts';
import { AwsError } from '../../src/wire/protocol/errors.ts';
import { refusal } from '../harness.ts';
import { scalingWorld } from './world.ts';

const named = { AutoScalingGroupName: 'web' };
const types = (...names: string[]): LaunchTemplateOverrides[] => names.map((InstanceType) => ({ InstanceType }));
const mix = (InstancesDistribution: InstancesDistribution, Overrides = types('m6i.large', 'm5.large')): MixedInstancesPolicy => ({
  LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: 'web' }, Overrides },
  InstancesDistribution,
});

const mixedGroup = async (policy: MixedInstancesPolicy, DesiredCapacity = 6) => {
  const aws = await scalingWorld();
  await aws.create({ LaunchTemplate: undefined, MixedInstancesPolicy: policy, DesiredCapacity });
  aws.advance(600);
  const bought = () => {
    const spots = aws.inService().map((id) => aws.ec2.get(id)?.spot);
    return { onDemand: spots.filter((spot) => !spot).length, spot: spots.filter(Boolean).length };
  };
  const launched = () => [...new Set(aws.inService().map((id) => aws.ec2.get(id)?.instanceType))];
  return { ...aws, bought, launched };
};

// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
describe('a mixed group buys', () => {
  test.each([
    ['On-Demand Instances alone, unless told otherwise', {}, { onDemand: 6, spot: 0 }],
    ['Spot Instances alone', { OnDemandPercentageAboveBaseCapacity: 0 }, { onDemand: 0, spot: 6 }],
    [
      'a base first, and a share of the rest, rounded up',
      { OnDemandBaseCapacity: 2, OnDemandPercentageAboveBaseCapacity: 30 },
      { onDemand: 4, spot: 2 },
    ],
  ])('%s', async (_, distribution, expected) => {
    const aws = await mixedGroup(mix(distribution));
    expect(aws.bought()).toEqual(expected);
    expect(aws.launched()).toEqual(['m6i.large']);
  });

  test('in the same proportion when it grows and when it shrinks', async () => {
    const aws = await mixedGroup(mix({ OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 50 }), 3);
    expect(aws.bought()).toEqual({ onDemand: 2, spot: 1 });
    for (const [DesiredCapacity, expected] of [
      [9, { onDemand: 5, spot: 4 }],
      [2, { onDemand: 2, spot: 0 }],
      [1, { onDemand: 1, spot: 0 }],
    ] as const) {
      await aws.client.send(new SetDesiredCapacityCommand({ ...named, DesiredCapacity }));
      aws.advance(900);
      expect(aws.bought()).toEqual(expected);
    }
  });

  test('by arithmetic', () => {
    const half = { onDemandBase: 1, onDemandPercentage: 50, onDemandStrategy: '', spotStrategy: '' };
    expect([0, 1, 2, 3, 4, 5].map((total) => onDemandOf(total, half))).toEqual([0, 1, 2, 2, 3, 3]);
    expect(nextIsSpot([{ spot: false }, { spot: false }], half)).toBe(true);
    expect(nextIsSpot([{ spot: false }, { spot: true }], half)).toBe(false);
  });

  test('the next of its types where there is no capacity for the first', async () => {
    const aws = await scalingWorld();
    const { launch } = aws.ec2;
    aws.ec2.launch = (spec) => {
      if (spec.instanceType === 'm6i.large') throw new AwsError('InsufficientInstanceCapacity', 'There is no capacity.', 500);
      return launch(spec);
    };
    await aws.create({ LaunchTemplate: undefined, MixedInstancesPolicy: mix({}) });
    aws.advance(600);
    expect((await aws.describe())?.Instances?.map(({ InstanceType }) => InstanceType)).toEqual(['m5.large', 'm5.large', 'm5.large']);
    expect((await aws.activities()).every(({ StatusCode }) => StatusCode === 'Successful')).toBe(true);
  });

  test('what there is no capacity for in the words of its option', async () => {
    const aws = await scalingWorld();
    for (const { name } of aws.ec2.zones) aws.ec2.faults['exhaust-zone'](name);
    await aws.create({ LaunchTemplate: undefined, MixedInstancesPolicy: mix({ OnDemandPercentageAboveBaseCapacity: 0 }) });
    aws.advance(60);
    expect((await aws.activities())[0]).toMatchObject({
      StatusCode: 'Failed',
      StatusMessage:
        'Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity available that matches your request. Launching EC2 instance failed.',
    });
  });
});

// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_MixedInstancesPolicy.html
describe('a mixed instances policy', () => {
  test('is shown with its defaults, and an update changes only what it names', async () => {
    const aws = await mixedGroup(mix({ OnDemandBaseCapacity: 1 }), 1);
    const update = (MixedInstancesPolicy: MixedInstancesPolicy) =>
      aws.client.send(new UpdateAutoScalingGroupCommand({ ...named, MixedInstancesPolicy }));
    await update({ LaunchTemplate: { Overrides: types('c5.large') } });
    await update({ InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0, SpotAllocationStrategy: 'price-capacity-optimized' } });
    expect((await aws.describe())?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateName: 'web', Version: '$Default' },
        Overrides: [{ InstanceType: 'c5.large' }],
      },
      InstancesDistribution: {
        OnDemandAllocationStrategy: 'prioritized',
        OnDemandBaseCapacity: 0,
        OnDemandPercentageAboveBaseCapacity: 0,
        SpotAllocationStrategy: 'price-capacity-optimized',
      },
    });
    await aws.client.send(new SetDesiredCapacityCommand({ ...named, DesiredCapacity: 3 }));
    aws.advance(600);
    expect(aws.bought()).toEqual({ onDemand: 1, spot: 2 });
    expect(aws.launched()).toEqual(['m6i.large', 'c5.large']);
  });

  test('may name another template for a type', async () => {
    const aws = await scalingWorld();
    const arm = { LaunchTemplateName: 'arm', LaunchTemplateData: { ImageId: 'ami-0aaaaaaaaaaaaaaaa' } };
    await aws.ec2Client.send(new CreateLaunchTemplateCommand(arm));
    const Overrides = [{ InstanceType: 'm7g.large', LaunchTemplateSpecification: { LaunchTemplateName: 'arm' } }];
    await aws.create({ LaunchTemplate: undefined, MixedInstancesPolicy: mix({}, Overrides), DesiredCapacity: 1 });
    aws.advance(600);
    expect((await aws.describe())?.Instances).toMatchObject([{ InstanceType: 'm7g.large', LaunchTemplate: { LaunchTemplateName: 'arm' } }]);
  });

  test.each([
    ['weights', mix({}, [{ InstanceType: 'm5.large', WeightedCapacity: '2' }])],
    ['requirements instead of types', mix({}, [{ InstanceRequirements: { VCpuCount: { Min: 2 }, MemoryMiB: { Min: 1024 } } }])],
    ['a price', mix({ SpotMaxPrice: '0.10' })],
    ['pools', mix({ SpotInstancePools: 2 })],
    ['a strategy that is none', mix({ SpotAllocationStrategy: 'cheapest' })],
    ['a share that is none', mix({ OnDemandPercentageAboveBaseCapacity: 101 })],
    ['no template', { InstancesDistribution: {} }],
  ])('is refused with %s', async (_, MixedInstancesPolicy) => {
    const aws = await scalingWorld();
    const refused = await refusal(aws.create({ LaunchTemplate: undefined, MixedInstancesPolicy }));
    expect(refused).toMatchObject({ code: 'ValidationError', status: 400 });
    expect(await aws.describe()).toBeUndefined();
  });

  test('is refused with a template that asks for Spot Instances itself', async () => {
    const aws = await scalingWorld();
    const LaunchTemplateData = { ImageId: 'ami-0123456789abcdef0', InstanceMarketOptions: { MarketType: 'spot' as const } };
    await aws.ec2Client.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'spot', LaunchTemplateData }));
    const MixedInstancesPolicy = { LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: 'spot' } } };
    const refused = await refusal(aws.create({ LaunchTemplate: undefined, MixedInstancesPolicy }));
    expect(refused.message).toMatch(/^Incompatible launch template/);
  });
});
