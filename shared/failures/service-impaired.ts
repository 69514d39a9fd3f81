import { defineFailure, escalate, event } from './define.ts';

export const serviceImpaired = defineFailure({
  id: 'service-impaired',
  severity: 'high',
  says: 'the service cannot run its tasks',
  match: [event('ecs', ['service-impaired', 'deployment-failed'], undefined, 'heal-service'), event('ecs', 'task-failed')],
  playbook: escalate('ECS already restarts the tasks; the cause is in the task itself'),
});
