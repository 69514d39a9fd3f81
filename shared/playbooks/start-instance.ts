import { startInstance } from '../actions/start-instance.ts';
import { statusChecksPass } from '../health/status-checks.ts';
import { lone } from './conditions.ts';
import { groupHeals } from './group-heals.ts';
import { definePlaybook, rung } from './playbook.ts';

export const startStopped = definePlaybook({
  id: 'start-instance',
  summary: 'An instance that AWS stopped: start it again, unless the stop was requested; leave a group member to its group.',
  failing: [statusChecksPass],
  healthy: [statusChecksPass],
  ladder: [groupHeals, rung(startInstance, { when: [lone], tries: 2 })],
});
