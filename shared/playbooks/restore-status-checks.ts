import { definePlaybook } from './playbook.ts';
import { restartInstance } from './restart-instance.ts';

export const restoreStatusChecks = definePlaybook({
  ...restartInstance,
  id: 'restore-status-checks',
  summary: 'Either status check failed: the live look shows which; treat it as a failed host or as a hung instance.',
});
