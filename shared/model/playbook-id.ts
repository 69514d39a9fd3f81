/**
 * Every playbook's id. It stands apart from the playbooks themselves so that `intake`, which only names one, doesn't bundle the
 * clients that their actions need.
 */
export const playbookIds = [
  'recover-host',
  'restart-instance',
  'restore-status-checks',
  'start-instance',
  'leave-retiring-host',
  'replace-ahead',
  'scale-out',
  'relieve-memory',
  'heal-targets',
] as const;
export type PlaybookId = (typeof playbookIds)[number];
