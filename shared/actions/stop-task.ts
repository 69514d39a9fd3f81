import { ECSClient, StopTaskCommand } from '@aws-sdk/client-ecs';
import { defineAction } from './action.ts';
import { placeOf } from './container-service.ts';

/** Stops a task, in whose place its service starts another one. */
export const stopTask = defineAction({
  id: 'stop-task',
  permissions: ['ecs:StopTask'],
  effects: ['interrupts'],
  downtime: { seconds: 60, source: 'assumed' },
  undo: 'its service starts another one',
  target: ({ task = null }) => (task ? { type: 'task', id: task.id } : null),
  verb: { base: 'stop', past: 'stopped' },
  object: ({ target, facts }) => `task ${target.id.slice(target.id.lastIndexOf('/') + 1)} of service ${facts.task?.service ?? '?'}`,
  steps: [
    {
      name: 'stop',
      // The next look no longer finds it behind the target group.
      done: ({ task = null }, { before }) => task?.id !== before.task?.id,
      call: async (clients, { target, facts: { task }, dryRun }) => {
        // ECS has no dry run.
        if (dryRun || !task) return;
        const { cluster } = placeOf({ id: task.service });
        const reason = 'selfheal: its target group finds it unhealthy';
        await clients.of(ECSClient).send(new StopTaskCommand({ cluster, task: target.id, reason }));
      },
    },
  ],
});
