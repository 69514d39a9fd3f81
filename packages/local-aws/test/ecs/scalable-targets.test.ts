import {
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  paginateDescribeScalableTargets,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { setUp } from './harness.ts';

let world: ReturnType<typeof setUp>;
beforeEach(() => {
  world = setUp();
});
afterEach(() => world.aws.close());

const named = (service: string) =>
  ({ ServiceNamespace: 'ecs', ResourceId: `service/prod/${service}`, ScalableDimension: 'ecs:service:DesiredCount' }) as const;
const register = (service: string, MinCapacity?: number, MaxCapacity?: number) =>
  world.scaling.send(new RegisterScalableTargetCommand({ ...named(service), MinCapacity, MaxCapacity }));

test('a scalable target has bounds and policies until it is deregistered', async () => {
  const { scaling } = world;
  const { ScalableTargetARN } = await register('checkout', 2, 10);
  await register('checkout', undefined, 20);
  const { ScalableTargets } = await scaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: ['service/prod/checkout'] }),
  );
  expect(ScalableTargets).toMatchObject([
    { ...named('checkout'), MinCapacity: 2, MaxCapacity: 20, ScalableTargetARN, SuspendedState: { DynamicScalingOutSuspended: false } },
  ]);
  const PredefinedMetricSpecification = { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' } as const;
  const TargetTrackingScalingPolicyConfiguration = { TargetValue: 60, PredefinedMetricSpecification };
  await scaling.send(
    new PutScalingPolicyCommand({
      ...named('checkout'),
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration,
    }),
  );
  const policies = async () =>
    (await scaling.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: 'ecs', ResourceId: 'service/prod/checkout' })))
      .ScalingPolicies;
  expect(await policies()).toMatchObject([
    { PolicyName: 'cpu', PolicyType: 'TargetTrackingScaling', TargetTrackingScalingPolicyConfiguration },
  ]);
  expect((await scaling.send(new DescribeScalingActivitiesCommand({ ServiceNamespace: 'ecs' }))).ScalingActivities).toEqual([]);
  await scaling.send(new DeregisterScalableTargetCommand(named('checkout')));
  expect(await policies()).toEqual([]);
});

test('scalable targets come a page at a time', async () => {
  for (let i = 0; i < 5; i++) await register(`s${i}`, 1, 2);
  const pages: number[] = [];
  for await (const { ScalableTargets = [] } of paginateDescribeScalableTargets(
    { client: world.scaling, pageSize: 2 },
    { ServiceNamespace: 'ecs' },
  ))
    pages.push(ScalableTargets.length);
  expect(pages).toEqual([2, 2, 1]);
});

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html and the pages beside it
test.each([
  ['a target without bounds', new RegisterScalableTargetCommand(named('x')), 'ValidationException'],
  [
    'bounds the wrong way round',
    new RegisterScalableTargetCommand({ ...named('x'), MinCapacity: 3, MaxCapacity: 2 }),
    'ValidationException',
  ],
  ['a policy of a target that there is not', new PutScalingPolicyCommand({ ...named('x'), PolicyName: 'cpu' }), 'ObjectNotFoundException'],
  ['to deregister one', new DeregisterScalableTargetCommand(named('x')), 'ObjectNotFoundException'],
  ['a token from elsewhere', new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', NextToken: 'x' }), 'InvalidNextTokenException'],
])('Application Auto Scaling refuses %s', async (_, command, code) => {
  expect(await refusal(world.scaling.send(command as never))).toMatchObject({ code, status: 400 });
});

test('readers of clusters are scaled by the dimension of their own', async () => {
  const readers = { ServiceNamespace: 'rds', ResourceId: 'cluster:shop', ScalableDimension: 'rds:cluster:ReadReplicaCount' } as const;
  const put = (change: object) =>
    world.scaling.send(new RegisterScalableTargetCommand({ ...readers, ...change, MinCapacity: 1, MaxCapacity: 4 }));
  await put({});
  expect((await refusal(put({ ScalableDimension: 'ecs:service:DesiredCount' }))).code).toBe('ValidationException');
  expect((await refusal(put({ ResourceId: 'service/prod/shop' }))).code).toBe('ValidationException');
  const listed = (ServiceNamespace: 'rds' | 'ecs') => world.scaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace }));
  expect((await listed('rds')).ScalableTargets).toMatchObject([{ ...readers, RoleARN: expect.stringContaining('_RDSCluster') }]);
  expect((await listed('ecs')).ScalableTargets).toEqual([]);
});
