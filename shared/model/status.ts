/**
 * How an incident ended.
 * - `healed`: an action was taken, and verification confirmed it.
 * - `healed-itself`: healthy on two looks before any action.
 * - `escalated`: no safe action is left, or there never was one; a person has to look.
 * - `held`: an action was due, and a guard refused it.
 * - `failed`: selfheal itself could not go on.
 * - `dry-run`: everything but the action was done.
 */
export const statuses = ['healed', 'healed-itself', 'escalated', 'held', 'failed', 'dry-run'] as const;

export type Status = (typeof statuses)[number];

/** The phases that timeline entries belong to. */
export const phases = ['signal', 'look', 'guard', 'act', 'wait', 'verify', 'decide'] as const;

/** Whether the resource is healthy again. */
export const isResolved = (status: Status): boolean => status === 'healed' || status === 'healed-itself';
