/** Ids of all actions. Kept apart from the actions so that a policy can name one without bundling its SDK clients. */
export const actionIds = [
  'grow-volume',
  'list-disks',
  'fail-over-cluster',
  'grow-storage',
  'raise-concurrency',
  'reboot-database',
  'reboot-instance',
  'redrive',
  'replace-container-instance',
  'replace-member',
  'restart-service',
  'restore-validation-record',
  'roll-back-service',
  'rollback-alias',
  'run-command',
  'scale-out',
  'scale-service',
  'start-instance',
  'stop-start-instance',
  'stop-task',
] as const;
export type ActionId = (typeof actionIds)[number];
