import type { PlaybookId } from '../../shared/model/playbook-id.ts';

/**
 * What selfheal would have decided for one incident.
 * - `treated`: the action would have been taken; that it heals is an assumption.
 * - `passed`: the alarm was OK again, or another incident had treated the resource, before any action was due.
 * - `would`: a dry run, up to the action.
 * - `asked`: a person would have been asked for approval; the answer is unknown.
 * - `held`, `escalated`: as in an outcome.
 * - `unknown`: only a live look could determine what the reason names.
 * - `none`: under this policy the event opens no incident of its own.
 */
const statuses = ['treated', 'passed', 'would', 'asked', 'held', 'escalated', 'unknown', 'none'] as const;
export type Status = (typeof statuses)[number];

export type Decision = {
  status: Status;
  /** Milliseconds since the epoch; when it would have been settled. */
  at: number;
  playbook: PlaybookId | null;
  action: string | null;
  /** The guard that did not pass, where one did not. */
  guard: string | null;
  reason: string;
  /** People would have been notified. */
  page: boolean;
  /** Guards and looks that only the live account could have answered, and that could have decided otherwise. */
  open: string[];
};

/** Whether two decisions are the same, apart from time and wording. */
export const same = (a: Decision, b: Decision): boolean =>
  a.status === b.status && a.action === b.action && a.guard === b.guard && a.playbook === b.playbook && a.page === b.page;

export const noIncident = (at: number): Decision => ({
  status: 'none',
  at,
  playbook: null,
  action: null,
  guard: null,
  reason: 'it opens no incident',
  page: false,
  open: [],
});
