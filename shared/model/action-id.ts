/** Ids of all actions. Kept apart from the actions so that a policy can name one without bundling its SDK clients. */
export const actionIds = [
  'reboot-database',
  'reboot-instance',
  'redrive',
  'replace-member',
  'run-command',
  'scale-out',
  'start-instance',
  'stop-start-instance',
] as const;
export type ActionId = (typeof actionIds)[number];
