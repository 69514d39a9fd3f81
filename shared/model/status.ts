/**
 * How an incident ended.
 * - `healed`: an action was taken, and verification says that it worked.
 * - `healed-itself`: it was fine, on two looks, before anything was done.
 * - `escalated`: no safe action is left, or there never was one: a person has to look.
 * - `held`: an action was due, and a guard said no.
 * - `failed`: selfheal itself could not go on.
 * - `dry-run`: everything but the action was done.
 */
export const statuses = ['healed', 'healed-itself', 'escalated', 'held', 'failed', 'dry-run'] as const;

export type Status = (typeof statuses)[number];

export const phases = ['signal', 'look', 'guard', 'act', 'wait', 'verify', 'decide'] as const;

export const isResolved = (status: Status): boolean => status === 'healed' || status === 'healed-itself';
