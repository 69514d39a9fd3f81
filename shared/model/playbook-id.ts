import * as z from 'zod';

/** Ids of the built-in playbooks. Kept apart from the playbooks so that `intake` doesn't bundle the SDK clients of their actions. */
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
  'catch-up-replica',
  'grow-storage',
  'add-reader',
  'fail-over-cluster',
  'relieve-queue',
  'heal-service',
  'scale-service',
  'restore-agent',
  'rollback-alias',
  'raise-concurrency',
  'renew-certificate',
] as const;
export type BuiltInPlaybookId = (typeof playbookIds)[number];

/** The id of a built-in playbook, or of one that the policy defines. */
export const playbookId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be the id of a playbook: lower-case letters, digits and hyphens')
  .meta({ examples: [...playbookIds] });
export type PlaybookId = z.infer<typeof playbookId>;

/** Whether a playbook is a built-in one. */
export const isBuiltIn = (id: PlaybookId): id is BuiltInPlaybookId => (playbookIds as readonly string[]).includes(id);
