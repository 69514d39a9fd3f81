import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ecsTask } from '../../shared/resources/ecs-task.ts';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const arn = 'arn:aws:ecs:us-east-1:123456789012:task/prod/0123456789abcdef0123456789abcdef';
const about = alarmOn('', { type: 'task', id: arn }, { kind: 'ecs', evidence: {} });

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

const stop = () =>
  world.aws.ecs.placeTask({
    cluster: 'prod',
    id: '0123456789abcdef0123456789abcdef',
    service: 'checkout',
    createdAt: noon - 60 * minute,
    stopped: { at: noon - 2 * minute, code: 'EssentialContainerExited', reason: 'Essential container in task exited', exitCode: 137 },
  });

describe('a look at an ECS task', () => {
  test('tells when and why it stopped', async () => {
    stop();
    expect((await world.look(about)).line).toBe(
      `ECS task ${arn}: STOPPED since 11:58 UTC, 2 min 00 s ago; EssentialContainerExited: Essential container in task exited; container app exited with 137; of service:checkout; in us-east-1a`,
    );
  });

  test('says that ECS knows it no longer, an hour after it stopped', async () => {
    stop();
    const seen = await world.look(about, noon + 60 * minute);
    expect(seen).toMatchObject({ result: 'gone' });
    expect(seen.line).toContain('(MISSING)');
  });

  test('is at tasks whose cluster is told', () => {
    expect(ecsTask.is(about)).toBe(true);
    expect(ecsTask.is(alarmOn('', { type: 'task', id: 'arn:aws:ecs:us-east-1:123456789012:task/0123456789abcdef' }))).toBe(false);
    expect(ecsTask.trailName(about)).toBeNull();
  });
});
