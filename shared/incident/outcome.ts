import type { FailureId } from '../failures/ids.ts';
import type { Resource, Severity } from '../failures/verdict.ts';
import type { Incident } from './incident.ts';

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

export type ActionRecord = {
  action: string;
  /** 1 for the first try of its rung. */
  attempt: number;
  /** ISO 8601. */
  at: string;
  /** `done`, `throttled`, `refused: CODE`, `uncertain: CODE` or `would` in a dry run. */
  result: string;
};

export const phases = ['signal', 'look', 'guard', 'act', 'wait', 'verify', 'decide'] as const;

/** What one guard said of one action, in the order in which they are asked; none is asked after the first that does not pass. */
export type GuardSaid = { guard: string; answer: 'pass' | 'hold' | 'skip' | 'ask' | 'escalate'; reason?: string };

/** One line of an incident's story. `at` is ISO 8601; `answers` are those of the guards, where they were asked. */
export type TimelineEntry = { at: string; phase: (typeof phases)[number]; text: string; answers?: GuardSaid[] };

/** The one thing that is recorded and published at the end of an incident. */
export type Outcome = {
  incident: string;
  failure: FailureId;
  severity: Severity;
  resource: Resource;
  account: string;
  region: string;
  playbook: string | null;
  status: Status;
  verified: boolean;
  /** One plain sentence: why it ended so. */
  reason: string;
  /** Recorded and on the bus, but nobody is woken: there was no failure, or another incident tells of it. */
  quiet: boolean;
  /** ISO 8601; when the episode began. */
  startedAt: string;
  endedAt: string;
  /** From the beginning of the episode to the verified recovery; null if it wasn't healed. */
  timeToRecoverSeconds: number | null;
  actions: ActionRecord[];
  timeline: TimelineEntry[];
};

export const isResolved = (status: Status): boolean => status === 'healed' || status === 'healed-itself';

/** What an incident's end adds to the incident itself. */
export type Ending = {
  status: Status;
  verified: boolean;
  reason: string;
  quiet: boolean;
  endedAt: number;
  actions: ActionRecord[];
  timeline: TimelineEntry[];
};

export const concludeIncident = (
  incident: Pick<Incident, 'key' | 'failure' | 'severity' | 'resource' | 'account' | 'region' | 'playbook' | 'at'>,
  ending: Ending,
): Outcome => {
  const { key, failure, severity, resource, account, region, playbook, at } = incident;
  const { status, verified, reason, quiet, endedAt, actions, timeline } = ending;
  return {
    incident: key,
    failure,
    severity,
    resource,
    account,
    region,
    playbook,
    status,
    verified,
    reason,
    quiet,
    startedAt: new Date(at).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    timeToRecoverSeconds: isResolved(status) ? Math.max(0, Math.round((endedAt - at) / 1000)) : null,
    actions,
    timeline,
  };
};
