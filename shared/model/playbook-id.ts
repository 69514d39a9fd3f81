/** Ids of all playbooks. Kept apart from the playbooks so that `intake` doesn't bundle the SDK clients of their actions. */
export const playbookIds = [
  'recover-host',
  'restart-instance',
  'restore-status-checks',
  'start-instance',
  'leave-retiring-host',
  'replace-ahead',
  'restart-application',
  'clean-disk',
  'scale-out',
  'relieve-memory',
  'heal-targets',
  'reboot-database',
] as const;
export type PlaybookId = (typeof playbookIds)[number];
