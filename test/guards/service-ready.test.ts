import { describe, expect, test } from '@jest/globals';
import type { Action } from '../../shared/actions/action.ts';
import { restartService } from '../../shared/actions/restart-service.ts';
import { rollBackService } from '../../shared/actions/roll-back-service.ts';
import { scaleService } from '../../shared/actions/scale-service.ts';
import { stopTask } from '../../shared/actions/stop-task.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { serviceReady } from '../../shared/guards/service-ready.ts';
import { containerService, facts, noon, targetsOf, task } from '../remediation/examples.ts';
import { effective, guardInput, kindOf } from './examples.ts';

type Change = Parameters<typeof containerService>[0];
const policy = effective({ ecs: { rollback: 'on', restart: 'on', scale: 'on' } });
const asked = (action: Action, change: Change = {}, more: Partial<GuardInput> = {}) =>
  serviceReady.check(
    guardInput({
      action,
      target: { type: 'service', id: 'prod/checkout' },
      facts: facts({ instance: null, status: null, service: containerService(change) }),
      policy,
      ...more,
    }),
  );
const nothing = facts({ instance: null, status: null, service: null });

describe('service-ready lets a deployment be rolled back', () => {
  test('that is to blame, whether it is under way or over', () => {
    expect(asked(rollBackService)).toEqual({ answer: 'pass' });
    expect(asked(rollBackService, { deployment: { status: 'SUCCESSFUL' } })).toEqual({ answer: 'pass' });
  });

  test.each<[string, string, Change, Partial<GuardInput>]>([
    ['where the policy does not name it', 'skip', {}, { policy: effective() }],
    ['of a service that is not there', 'hold', {}, { facts: nothing }],
    ['of a service that is not there, whatever the policy allows', 'hold', {}, { facts: nothing, policy: effective() }],
    ['of a service that is going', 'hold', { status: 'DRAINING' }, {}],
    ['that CodeDeploy made', 'escalate', { controller: 'CODE_DEPLOY' }, {}],
    ['that another controller made', 'escalate', { controller: 'EXTERNAL' }, {}],
    ['that its circuit breaker or an alarm of its own ends', 'hold for now', { endsFailures: 'rolls-back' }, {}],
    ['that ECS has stopped, as its owner wants it', 'escalate', { endsFailures: 'stops', deployment: { status: 'STOPPED' } }, {}],
    ['that is being rolled back', 'hold for now', { deployment: { status: 'ROLLBACK_IN_PROGRESS', rolledBack: true } }, {}],
    ['in a state that it does not know', 'hold unseen', { deployment: { status: 'unknown' } }, {}],
    ['that was rolled back', 'skip', { deployment: { status: 'ROLLBACK_SUCCESSFUL', rolledBack: true } }, {}],
    ['that is not to blame', 'skip', { failed: { others: 6 } }, {}],
  ])('not one %s', async (_, answer, change, more) => {
    expect(await kindOf(asked(rollBackService, change, more))).toBe(answer);
  });
});

describe('service-ready lets a service be restarted', () => {
  const old: Change = {
    minimumHealthyPercent: 50,
    rollout: 'COMPLETED',
    rollouts: 1,
    deployment: { status: 'SUCCESSFUL', startedAt: noon - 86_400_000 },
    failed: { newer: 0, neverRan: 0, lastAt: null },
  };

  test('that keeps half of its tasks and has two at least', () => {
    expect(asked(restartService, old)).toEqual({ answer: 'pass' });
    expect(asked(restartService, { ...old, running: 2 })).toEqual({ answer: 'pass' });
  });

  test.each<[string, Change]>([
    ['a quarter of an hour ago', { failed: { newer: 9, neverRan: 0, lastAt: noon - 900_000 } }],
    ['that are no more than run', { failed: { newer: 2, others: 2, neverRan: 0, lastAt: noon } }],
    ['before it was rolled back', { deployment: { status: 'ROLLBACK_SUCCESSFUL', startedAt: noon - 86_400_000 } }],
  ])('with failures %s', (_, change) => {
    expect(asked(restartService, { ...old, ...change })).toEqual({ answer: 'pass' });
  });

  test.each<[string, string, Change, Partial<GuardInput>]>([
    ['where the policy does not name it', 'skip', {}, { policy: effective() }],
    ['that is not there', 'hold', {}, { facts: nothing }],
    ['that CodeDeploy deploys', 'escalate', { controller: 'CODE_DEPLOY' }, {}],
    ['that may have no task meanwhile', 'escalate', { minimumHealthyPercent: 0 }, {}],
    ['that may have less than half of them', 'escalate', { minimumHealthyPercent: 49 }, {}],
    ['whose tasks of two deployments fail', 'escalate', { failed: { newer: 3, others: 2, neverRan: 0, lastAt: noon - 899_000 } }, {}],
    ['whose deployment is under way', 'hold for now', { deployment: { status: 'IN_PROGRESS', startedAt: noon - 86_400_000 } }, {}],
    ['of which that is unknown', 'escalate', { minimumHealthyPercent: null }, {}],
    ['of which one task runs', 'escalate', { running: 1 }, {}],
    ['that is being deployed', 'hold for now', { rollout: 'IN_PROGRESS' }, {}],
    ['that has just been deployed', 'skip', { deployment: { status: 'SUCCESSFUL', startedAt: noon - 60_000 } }, {}],
    ['whose tasks can not be started', 'escalate', { failed: { newer: 1, neverRan: 1 } }, {}],
    ['whose tasks fail one after the other', 'escalate', { failed: { newer: 9, neverRan: 0, lastAt: noon } }, {}],
    ['whose stopped tasks are unknown', 'hold unseen', { failed: null }, {}],
  ])('not one %s', async (_, answer, change, more) => {
    expect(await kindOf(asked(restartService, { ...old, ...change }, more))).toBe(answer);
  });
});

describe('service-ready lets a service be scaled out', () => {
  const scaling = { max: 8, policies: [] as string[], suspended: false };
  const steady: Change = { rollout: 'COMPLETED', rollouts: 1, scaling };

  test('up to the maximum of its scalable target', () => {
    expect(asked(scaleService, steady)).toEqual({ answer: 'pass' });
    expect(asked(scaleService, { ...steady, desired: 7, running: 7 })).toEqual({ answer: 'pass' });
    expect(asked(scaleService, { ...steady, scaling: { ...scaling, policies: ['cpu'], suspended: true } })).toEqual({ answer: 'pass' });
  });

  test.each<[string, string, Change, Partial<GuardInput>]>([
    ['where the policy does not name it', 'hold', {}, { policy: effective() }],
    ['that is not there', 'hold', {}, { facts: nothing }],
    ['that CodeDeploy deploys', 'escalate', { controller: 'CODE_DEPLOY' }, {}],
    ['without a scalable target', 'escalate', { scaling: null }, {}],
    ['that Service Auto Scaling scales', 'escalate', { scaling: { ...scaling, policies: ['cpu'] } }, {}],
    ['that is at its maximum', 'escalate', { desired: 8, running: 8 }, {}],
    ['that is still starting tasks', 'hold for now', { running: 3 }, {}],
    ['that is being deployed', 'hold for now', { rollout: 'IN_PROGRESS' }, {}],
  ])('not one %s', async (_, answer, change, more) => {
    expect(await kindOf(asked(scaleService, { ...steady, ...change }, more))).toBe(answer);
  });

  test('not one whose scalable target was not read', () => {
    expect(asked(scaleService)).toMatchObject({ answer: 'hold', unseen: true });
  });
});

describe('service-ready lets a task be stopped', () => {
  const stop = (change: Parameters<typeof task>[0] = {}, more: Partial<GuardInput> = {}) =>
    serviceReady.check(
      guardInput({
        action: stopTask,
        target: { type: 'task', id: task().id },
        facts: facts({
          instance: null,
          status: null,
          task: task(change),
          targets: targetsOf([
            { id: '10.0.16.5', state: 'unhealthy' },
            { id: '10.0.16.6', state: 'healthy' },
          ]),
        }),
        policy,
        ...more,
      }),
    );

  test('that only its target group finds sick', () => {
    expect(stop()).toEqual({ answer: 'pass' });
    expect(stop({ startedAt: noon - 900_000 })).toEqual({ answer: 'pass' });
  });

  test.each<[string, string, Parameters<typeof task>[0], Partial<GuardInput>]>([
    ['where the policy does not name it', 'hold', {}, { policy: effective() }],
    ['that is not there', 'hold', {}, { facts: nothing }],
    ['that ECS finds sick, too', 'hold for now', { health: 'UNHEALTHY' }, {}],
    ['that is stopping', 'hold for now', { state: 'STOPPING' }, {}],
    ['that has just started', 'hold for now', { startedAt: noon - 899_000 }, {}],
    ['of which nobody knows when it started', 'hold for now', { startedAt: null }, {}],
    [
      'where no other target is healthy',
      'escalate',
      {},
      {
        facts: facts({
          instance: null,
          task: task(),
          targets: targetsOf([
            { id: '10.0.16.5', state: 'unhealthy' },
            { id: '10.0.16.6', state: 'unhealthy' },
          ]),
        }),
      },
    ],
  ])('not one %s', async (_, answer, change, more) => {
    expect(await kindOf(stop(change, more))).toBe(answer);
  });
});

test.each(['starts', 'removesFromService', 'destroys', 'changesAddress', 'repeatsWork'] as const)(
  'service-ready holds whatever has the effect %s on a service or a task',
  async (effect) => {
    expect(await asked({ ...rollBackService, effects: [effect] })).toMatchObject({ answer: 'hold' });
    const target = { type: 'task', id: task().id } as const;
    expect(await asked({ ...stopTask, effects: [effect] }, {}, { target })).toMatchObject({ answer: 'hold' });
  },
);
