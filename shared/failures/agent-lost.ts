import { defineFailure, event, onlyIfNamed } from './define.ts';

export const agentLost = defineFailure({
  id: 'agent-lost',
  severity: 'medium',
  says: 'ECS has lost the agent of a host',
  match: [event('ecs', 'agent-lost')],
  playbook: onlyIfNamed('restore-agent', 'its tasks go on, and agents mostly reconnect; ecs.hosts in the policy lets the host be replaced'),
});
