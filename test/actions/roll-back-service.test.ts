import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { rollBackService } from '../../shared/actions/roll-back-service.ts';
import { sdkError } from '../aws/recorder.ts';
import { containerService, facts, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = (change: Parameters<typeof containerService>[0] = {}) =>
  facts({ instance: null, status: null, service: containerService(change) });
const [step] = rollBackService.steps;
const { arn } = containerService().deployment ?? {};

describe('roll-back-service', () => {
  test('stops a deployment that is under way', async () => {
    expect(await doAll(rollBackService, seen())).toEqual([
      { permission: 'ecs:StopServiceDeployment', input: { serviceDeploymentArn: arn, stopType: 'ROLLBACK' } },
    ]);
  });

  test('deploys the revision before, where the deployment is over', async () => {
    expect(await doAll(rollBackService, seen({ deployment: { status: 'SUCCESSFUL' } }))).toEqual([
      { permission: 'ecs:UpdateService', input: { cluster: 'prod', service: 'checkout', taskDefinition: 'checkout:1' } },
    ]);
  });

  test.each<[string, Parameters<typeof containerService>[0]]>([
    ['in an unknown state', { deployment: { status: 'unknown' } }],
    ['with no revision before', { deployment: { status: 'SUCCESSFUL', source: null } }],
  ])('calls nothing for a deployment %s', async (_, change) => {
    expect(await doAll(rollBackService, seen(change))).toEqual([]);
  });

  // A lost answer is decided by the next look.
  test('is done once the deployment has turned, or another one has brought the revision before', () => {
    const done = (now: Parameters<typeof containerService>[0], then: Parameters<typeof containerService>[0] = {}) =>
      step.done(seen(now), { before: seen(then), policy: policy() });
    expect(done({})).toBe(false);
    expect(done({ deployment: { status: 'ROLLBACK_REQUESTED', rolledBack: true } })).toBe(true);
    expect(done({ deployment: { arn: 'another', target: 'checkout:1', source: 'checkout:2' } })).toBe(true);
    expect(done({ deployment: { arn: 'another', target: 'checkout:3', source: 'checkout:2' } })).toBe(false);
    expect(step.done(facts(), { before: seen(), policy: policy() })).toBe(false);
    expect(step.done(seen(), { before: facts(), policy: policy() })).toBe(false);
    const settled = (rollout: 'COMPLETED' | 'IN_PROGRESS') => step.settled.when(seen({ rollout }));
    expect([settled('COMPLETED'), settled('IN_PROGRESS')]).toEqual([true, false]);
  });

  test('fails where ECS refuses either call', async () => {
    const answer = sdkError('AccessDenied', 403);
    for (const status of ['IN_PROGRESS', 'SUCCESSFUL'] as const)
      await expect(doAll(rollBackService, seen({ deployment: { status } }), { answer })).rejects.toBe(answer);
  });

  test('says what it does, and targets services of ECS alone', () => {
    const target = { type: 'service', id: 'prod/checkout' } as const;
    expect(rollBackService.target(seen())).toEqual(target);
    expect(rollBackService.target(facts())).toBeNull();
    expect(toDo(rollBackService, { target, facts: seen(), policy: policy() })).toBe(
      'roll service prod/checkout back from checkout:2 to checkout:1',
    );
  });
});
