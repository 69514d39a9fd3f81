import { expect, test } from '@jest/globals';
import { serviceIsSteady } from '../../shared/health/container-service.ts';
import { containerService, facts, incident, noon } from '../remediation/examples.ts';

type Change = Parameters<typeof containerService>[0];
const quiet = { newer: 0, neverRan: 0, lastAt: null };
const steady: Change = { rollout: 'COMPLETED', rollouts: 1, failed: quiet };

test.each<[string, Change, string]>([
  ['as many tasks as are wanted', steady, 'healthy'],
  ['tasks that failed five minutes ago', { ...steady, failed: { lastAt: noon - 300_000 } }, 'healthy'],
  ['a task that has just failed', { ...steady, failed: { lastAt: noon - 60_000 } }, 'unhealthy'],
  ['a deployment that has failed', { ...steady, rollout: 'FAILED' }, 'unhealthy'],
  ['a deployment under way', { ...steady, rollout: 'IN_PROGRESS' }, 'unknown'],
  ['tasks of two deployments', { ...steady, rollouts: 2 }, 'unknown'],
  ['a task too few', { ...steady, running: 3 }, 'unknown'],
  ['a service that is going', { ...steady, status: 'DRAINING' }, 'unknown'],
])('service-is-steady takes %s for what it is', (_, change, state) => {
  const seen = facts({ instance: null, at: noon, service: containerService(change) });
  expect(serviceIsSteady.check({ facts: seen, incident: incident(), before: seen }).state).toBe(state);
});

test('service-is-steady is unknown where ECS lists no such service', () => {
  const seen = facts({ instance: null, service: null });
  expect(serviceIsSteady.check({ facts: seen, incident: incident(), before: seen }).state).toBe('unknown');
});
