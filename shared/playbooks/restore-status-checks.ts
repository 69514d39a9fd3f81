import { definePlaybook } from './playbook.ts';
import { restartInstance } from './restart-instance.ts';

export const restoreStatusChecks = definePlaybook({
  ...restartInstance,
  id: 'restore-status-checks',
  summary: 'Either status check failed: the live look tells which, and it is treated as a failed host or as an instance that hangs.',
});
