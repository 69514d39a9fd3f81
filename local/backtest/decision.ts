import type { PlaybookId } from '../../shared/model/playbook-id.ts';

/**
 * What selfheal would have made of one incident.
 * - `treated`: the action would have been taken; that it heals is an assumption.
 * - `passed`: the alarm was OK again, or another incident had treated the resource, before anything was due.
 * - `would`: a dry run, up to the action.
 * - `asked`: a person would have been asked for an approval; what he would have said is not known.
 * - `held`, `escalated`: as in an outcome.
 * - `unknown`: only a live look could tell what the reason names.
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
  /** A person would have been told. */
  page: boolean;
  /** Guards and looks that only the live account could have answered, and that could have decided otherwise. */
  open: string[];
};

/** What tells two decisions apart: not when, and not in which words. */
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
