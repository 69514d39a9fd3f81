import { minuteMs } from '../model/duration.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** So long without a failed task shows that those that run go on running. In milliseconds. */
const quietMs = 5 * minuteMs;

/** The service has as many tasks as it wants, its deployment is over, and none of its tasks has failed for a while. */
export const serviceIsSteady: HealthCheck = {
  id: 'service-is-steady',
  check: ({ facts: { service = null, at } }) => {
    if (service?.kind !== 'ecs-service') return unknown('ECS lists no such service');
    const { id, status, desired, running, rollout, rollouts, failed } = service;
    if (status !== 'ACTIVE') return unknown(`service ${id} is ${status}`);
    const tasks = `${running} of ${desired} tasks run`;
    if (rollout === 'FAILED') return unhealthy(`the deployment of service ${id} has failed; ${tasks}`);
    if (typeof failed?.lastAt === 'number' && at - failed.lastAt < quietMs)
      return unhealthy(`${failed.newer + failed.others} tasks of service ${id} have failed in the last hour; ${tasks}`);
    if (rollout === 'IN_PROGRESS' || rollouts > 1) return unknown(`service ${id} is being deployed; ${tasks}`);
    if (running < desired) return unknown(`service ${id}: ${tasks}`);
    return healthy(`service ${id}: ${tasks}`);
  },
};
