/** Names of all conditions of steps. Kept apart from the conditions so that a policy can name one. */
export const conditionIds = [
  'lone',
  'in-group',
  'an-instance',
  'ebs-only',
  'on-demand',
  'reclaimable',
  'host-is-fine',
  'host-is-impaired',
  'few-sick-targets',
  'no-port-answers',
  'is-group',
  'whole-group',
  'is-database',
  'is-dead-letter-queue',
  'consumed-by-group',
] as const;
export type ConditionId = (typeof conditionIds)[number];
