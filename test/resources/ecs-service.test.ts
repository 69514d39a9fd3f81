import { ECSClient, ListTasksCommand, StopTaskCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ecsService } from '../../shared/resources/ecs-service.ts';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const about = alarmOn('AWS/ECS', { type: 'service', id: 'prod/checkout' });
const byArn = alarmOn(
  '',
  { type: 'service', id: 'arn:aws:ecs:us-east-1:123456789012:service/prod/checkout' },
  { kind: 'ecs', evidence: {} },
);

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
  await world.place(about);
});
afterEach(() => world.close());

describe('a look at an ECS service', () => {
  test('names the deployment before the failure, and how it goes', async () => {
    await world.aws.advanceTo(noon - 5 * minute);
    world.aws.ecs.placeTaskDefinition('checkout', 8);
    world.aws.faults.inject({ fault: 'slow-task-start', target: 'prod/checkout', seconds: 3600 });
    const taskDefinition = 'checkout:8';
    await world.operator.of(ECSClient).send(new UpdateServiceCommand({ cluster: 'prod', service: 'checkout', taskDefinition }));
    const seen = await world.look(about);
    expect(seen.change?.text).toBe('deployment of checkout:8 began at 11:55 UTC, 5 min 00 s before the failure');
    expect(seen.line).toMatch(/; deployment IN_PROGRESS: ECS deployment ecs-svc\/\d+ in progress\./);
  });

  test('tells how many tasks run, and what ECS said last', async () => {
    const ecs = world.operator.of(ECSClient);
    world.aws.faults.inject({ fault: 'slow-task-start', target: 'prod/checkout', seconds: 3600 });
    const { taskArns: [task] = [] } = await ecs.send(new ListTasksCommand({ cluster: 'prod', serviceName: 'checkout' }));
    await world.aws.advanceTo(noon - minute);
    await ecs.send(new StopTaskCommand({ cluster: 'prod', task }));
    await world.aws.advanceTo(noon - minute / 2);
    const { line } = await world.look(byArn);
    expect(line).toMatch(
      /; 1 of 2 tasks running, 1 pending; ECS said at 11:59 UTC: \(service checkout\) has started 1 tasks: \(task \w+\)\.$/,
    );
  });

  test('says that a cluster is gone, too', async () => {
    const gone = await world.look(alarmOn('AWS/ECS', { type: 'service', id: 'test/checkout' }));
    expect(gone).toMatchObject({ result: 'gone' });
    expect(gone.line).toContain('(ClusterNotFoundException)');
  });

  test('is at services whose cluster is told', () => {
    expect(ecsService.is(byArn)).toBe(true);
    expect(ecsService.is(alarmOn('AWS/ECS', { type: 'service', id: 'checkout' }))).toBe(false);
    expect(ecsService.is(alarmOn('AWS/Lambda', { type: 'service', id: 'prod/checkout' }))).toBe(false);
    expect(ecsService.trailName(byArn)).toBe('checkout');
  });
});
