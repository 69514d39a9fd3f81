import {
  ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeContainerService } from '../../shared/resources/container-service.ts';
import { noon, policy } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const place = { cluster: 'prod', name: 'checkout' };
let world: Observed;
beforeEach(async () => {
  world = await createObserved();
  await world.place(alarmOn('AWS/ECS', { type: 'service', id: 'prod/checkout' }));
  world.aws.ecs.placeTaskDefinition('checkout', 3);
});
afterEach(() => world.close());

const named = { ecs: { rollback: 'on', restart: 'on', scale: 'on' } };
const look = (settings: object = named, of = place) =>
  describeContainerService(world.clients, of, { now: world.aws.world.clock.now(), policy: policy(settings as never) });
const deploy = (revision: number) =>
  world.operator
    .of(ECSClient)
    .send(new UpdateServiceCommand({ cluster: 'prod', service: 'checkout', taskDefinition: `checkout:${revision}` }));

describe('a look at a service of ECS', () => {
  test('finds its newest deployment, with the revisions that it is from and to', async () => {
    await deploy(2);
    await world.aws.advanceTo(noon);
    expect(await look()).toMatchObject({
      id: 'prod/checkout',
      status: 'ACTIVE',
      controller: 'ECS',
      endsFailures: 'no',
      minimumHealthyPercent: 100,
      rollout: 'COMPLETED',
      rollouts: 1,
      deployment: { status: 'SUCCESSFUL', target: 'checkout:2', source: 'checkout:1', rolledBack: false },
      failed: { newer: 0, others: 0, lastAt: null },
    });
  });

  test('counts the tasks that have failed, by what they ran and why', async () => {
    world.aws.faults.inject({ fault: 'bad-task-definition', target: 'checkout:2' });
    await deploy(2);
    await world.aws.advanceTo(world.aws.world.clock.now() + 5 * minute);
    const bad = await look();
    expect(bad).toMatchObject({ rollout: 'IN_PROGRESS', rollouts: 2, failed: { others: 0, elsewhere: 0 } });
    expect(bad?.failed?.newer).toBeGreaterThan(1);
    expect(bad?.failed?.neverRan).toBe(bad?.failed?.newer);
    world.aws.faults.inject({ fault: 'bad-task-definition', target: 'checkout' });
    await deploy(3);
    await world.aws.advanceTo(world.aws.world.clock.now() + 5 * minute);
    const unreachable = await look();
    expect(unreachable?.failed?.elsewhere).toBe(unreachable?.failed?.newer);
    expect(unreachable?.failed?.others).toBe(bad?.failed?.newer);
  });

  test('reads only what the policy names', async () => {
    const calls = () =>
      world.aws.world.calls.filter(({ service }) => /^(ecs|application-autoscaling)$/.test(service)).map(({ operation }) => operation);
    const before = calls().length;
    expect(await look({})).toMatchObject({ deployment: null, failed: null });
    expect(calls().slice(before)).toEqual(['DescribeServices']);
  });

  test('knows its scalable target, and what scales it', async () => {
    expect(await look()).toMatchObject({ scaling: null });
    const scaling = world.operator.of(ApplicationAutoScalingClient);
    const target = { ServiceNamespace: 'ecs', ResourceId: 'service/prod/checkout', ScalableDimension: 'ecs:service:DesiredCount' } as const;
    await scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 1, MaxCapacity: 7 }));
    expect(await look()).toMatchObject({ scaling: { max: 7, policies: [], suspended: false } });
    await scaling.send(new PutScalingPolicyCommand({ ...target, PolicyName: 'cpu' }));
    expect(await look()).toMatchObject({ scaling: { max: 7, policies: ['cpu'] } });
  });

  test.each([
    ['a service', { cluster: 'prod', name: 'none' }],
    ['a cluster', { cluster: 'none', name: 'checkout' }],
  ])('finds null where there is no such %s', async (_, of) => {
    expect(await look(named, of)).toBeNull();
  });
});
