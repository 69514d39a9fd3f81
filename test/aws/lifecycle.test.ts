import { LifecycleState } from '@aws-sdk/client-auto-scaling';
import { expect, test } from '@jest/globals';
import { readLifecycleState } from '../../shared/aws/states.ts';
import { stageOf } from '../../shared/model/member-lifecycle.ts';

test.each(Object.values(LifecycleState))('a member that is %s has a stage', (state) => {
  expect(stageOf(state)).not.toBeNull();
});

test('only a member that is InService is in service', () => {
  expect(Object.values(LifecycleState).filter((state) => stageOf(state) === 'in-service')).toEqual(['InService']);
});

test('a member that its lifecycle policy retains is out of service', () => {
  expect(stageOf('Terminating:Retained')).toBe('out');
});

test.each(['', 'Sleeping', 'constructor', 'inservice'])('a state that is not known (%j) has no stage', (state) => {
  expect(stageOf(readLifecycleState(state))).toBeNull();
});
