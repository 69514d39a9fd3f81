import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { event, verdictOf } from './fixtures.ts';

const service = 'arn:aws:ecs:us-west-2:111122223333:service/prod/checkout';
const task = 'arn:aws:ecs:us-west-2:111122223333:task/prod/0123456789abcdef';
const told = (type: string, detail: object, resource: string | undefined = service) =>
  event('aws.ecs', type, detail, { resources: resource === undefined ? [] : [resource] });
const stopped = (parts: object) =>
  told(
    'ECS Task State Change',
    {
      taskArn: task,
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      group: 'service:checkout',
      containers: [{ exitCode: 1 }],
      ...parts,
    },
    task,
  );

describe('ecs', () => {
  test.each([
    ['WARN', 'SERVICE_TASK_START_IMPAIRED', 'service-impaired', 'escalate'],
    ['ERROR', 'SERVICE_TASK_PLACEMENT_FAILURE', 'service-impaired', 'escalate'],
    ['INFO', 'SERVICE_STEADY_STATE', null, 'ignore'],
    ['INFO', 'SERVICE_DESIRED_COUNT_UPDATED', null, 'ignore'],
  ])('the service action %s %s is %s: %s', (eventType, eventName, failure, disposition) => {
    expect(verdictOf(told('ECS Service Action', { eventType, eventName }))).toMatchObject({
      failure,
      disposition,
      resource: { type: 'service', id: service },
    });
  });

  test.each([
    ['SERVICE_DEPLOYMENT_FAILED', 'service-impaired', 'escalate'],
    ['SERVICE_DEPLOYMENT_IN_PROGRESS', null, 'ignore'],
    ['SERVICE_DEPLOYMENT_COMPLETED', null, 'ignore'],
  ])('the deployment %s is %s: %s', (eventName, failure, disposition) => {
    expect(verdictOf(told('ECS Deployment State Change', { eventName, reason: 'a reason' }))).toMatchObject({ failure, disposition });
  });

  test.each([
    [{}, 'service-impaired'],
    [{ stopCode: 'TaskFailedToStart', containers: [] }, 'service-impaired'],
    [{ containers: [{ exitCode: 0 }] }, 'service-impaired'],
    [{ group: 'family:nightly' }, 'service-impaired'],
    [{ group: 'family:nightly', containers: [] }, 'service-impaired'],
    [{ group: 'family:nightly', containers: [{ exitCode: 0 }, { exitCode: 0 }] }, null],
    [{ stopCode: 'UserInitiated' }, null],
    [{ stopCode: 'ServiceSchedulerInitiated' }, null],
    [{ stopCode: 'SpotInterruption' }, null],
    [{ stopCode: 'TerminationNotice' }, null],
    [{ stopCode: 'SomethingNew' }, 'service-impaired'],
    [{ stopCode: undefined }, 'service-impaired'],
    [{ stopCode: '', containers: [{ exitCode: 0 }, { exitCode: 137 }] }, 'service-impaired'],
    [{ stopCode: undefined, containers: [{ exitCode: 0 }] }, null],
    [{ stopCode: undefined, containers: [{}] }, null],
    [{ stopCode: undefined, containers: undefined }, null],
    [
      {
        stopCode: 'ServiceSchedulerInitiated',
        containers: [{ exitCode: 143 }],
        stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
      },
      null,
    ],
    [
      { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed ELB health checks in (target-group arn:aws:x)' },
      'service-impaired',
    ],
    [{ stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed container health checks' }, 'service-impaired'],
    [{ lastStatus: 'RUNNING' }, null],
  ])('a task with %j is %s', (parts, failure) => {
    expect(verdictOf(stopped(parts))).toMatchObject({
      failure,
      disposition: failure === null ? 'ignore' : 'escalate',
      resource: { type: 'task', id: task },
    });
  });

  test('a container instance that changes is no failure', () => {
    expect(verdictOf(told('ECS Container Instance State Change', { agentConnected: false, status: 'ACTIVE' }))).toMatchObject({
      failure: null,
      disposition: 'ignore',
      resource: null,
    });
  });

  test('a service that is no ARN is malformed, one that is missing is told all the same', () => {
    expect(readEvent(told('ECS Service Action', { eventType: 'WARN' }, 'checkout')).rejected[0]?.error).toContain('resources');
    expect(verdictOf({ ...told('ECS Service Action', { eventType: 'WARN' }), resources: [] })).toMatchObject({
      failure: 'service-impaired',
      disposition: 'escalate',
      resource: { type: 'region', id: 'us-west-2' },
    });
    expect(readEvent(stopped({ taskArn: 'a task' })).rejected[0]?.error).toContain('detail.taskArn');
  });
});
