import { expect, test } from '@jest/globals';
import { healService } from '../../shared/playbooks/heal-service.ts';
import { scenes, stepsFor } from './examples.ts';

test.each([
  ['a deployment that fails', ['roll-back-service']],
  ['a deployment that its circuit breaker ends', ['watch', 'roll-back-service']],
  ['a deployment that its circuit breaker has ended', ['roll-back-service']],
  ['a service that was not deployed', ['restart-service']],
] as const)('heal-service has for %s these steps', (scene, steps) => {
  expect(stepsFor(healService, scenes[scene])).toEqual(steps);
});

test('heal-service does each of them once', () => {
  expect(healService.ladder.flatMap((step) => (step.kind === 'act' ? [step.tries] : []))).toEqual([1, 1]);
});
