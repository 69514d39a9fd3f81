import { expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { stopTask } from '../../shared/actions/stop-task.ts';
import { facts, policy, task } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = facts({ instance: null, status: null, task: task() });

test('stop-task stops the one task, with a reason', async () => {
  const reason = 'selfheal: its target group finds it unhealthy';
  expect(await doAll(stopTask, seen)).toEqual([{ permission: 'ecs:StopTask', input: { cluster: 'prod', task: task().id, reason } }]);
});

test('stop-task acts upon the task, says which, and has no target where the look saw none', () => {
  const target = { type: 'task', id: task().id } as const;
  expect([stopTask.target(seen), stopTask.target(facts({ task: null }))]).toEqual([target, null]);
  expect(toDo(stopTask, { target, facts: seen, policy: policy() })).toBe(
    'stop task 0123456789abcdef0123456789abcdef of service prod/checkout',
  );
});

test('stop-task is done once the look finds it no more', () => {
  const [{ done }] = stopTask.steps;
  expect(done(seen, { before: seen, policy: policy() } as never)).toBe(false);
  expect(done(facts({ task: null }), { before: seen, policy: policy() } as never)).toBe(true);
});
