import { hourMs } from '../../shared/model/duration.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { Decision, Status } from './decision.ts';

type Counted = Record<string, number>;
/** An hour, by its beginning in milliseconds since the epoch, and how many there were in it. */
export type Hour = { at: number; count: number };

/** What one policy comes to. Its keys come from the code and never from an event, so it doesn't grow. */
export type Tally = {
  /** Episodes, counted once however often they were delivered. */
  incidents: number;
  /** Deliveries that joined an incident that was known. */
  merged: number;
  byStatus: Partial<Record<Status, number>>;
  byFailure: Record<string, { incidents: number; treated: number; pages: number }>;
  /** Actions, by what was done. */
  actions: Counted;
  /** The same in a dry run. */
  rehearsed: Counted;
  /** By the guard that held. */
  holds: Counted;
  escalations: Counted;
  unknown: Counted;
  /** How many of the actions a guard that needs the live account could still have stopped. */
  open: Counted;
  /** Actions whose alarm was OK again in the history before they would have finished. */
  okBefore: number;
  /** Notifications that ask people to act. */
  pages: number;
  /** Held without a notification. */
  quiet: number;
  busiest: { incidents: Hour; pages: Hour };
  /** The hour that is being counted. */
  current: { incidents: Hour; pages: Hour };
};

const noHour = (): Hour => ({ at: 0, count: 0 });

export const noTally = (): Tally => ({
  incidents: 0,
  merged: 0,
  byStatus: {},
  byFailure: {},
  actions: {},
  rehearsed: {},
  holds: {},
  escalations: {},
  unknown: {},
  open: {},
  okBefore: 0,
  pages: 0,
  quiet: 0,
  busiest: { incidents: noHour(), pages: noHour() },
  current: { incidents: noHour(), pages: noHour() },
});

const add = (counted: Counted, key: string): void => {
  counted[key] = (counted[key] ?? 0) + 1;
};

/** Times only ever grow, so one hour at a time is enough. */
const countHour = (tally: Tally, what: 'incidents' | 'pages', now: number): void => {
  const at = Math.floor(now / hourMs) * hourMs;
  const current = tally.current[what];
  if (current.at !== at) Object.assign(current, { at, count: 0 });
  current.count++;
  if (current.count > tally.busiest[what].count) tally.busiest[what] = { ...current };
};

const ofFailure = (tally: Tally, failure: string) => {
  tally.byFailure[failure] ??= { incidents: 0, treated: 0, pages: 0 };
  return tally.byFailure[failure];
};

export const countIncident = (tally: Tally, { failure }: Incident, now: number): void => {
  tally.incidents++;
  ofFailure(tally, failure).incidents++;
  countHour(tally, 'incidents', now);
};

export const countDecision = (tally: Tally, { failure }: Incident, decision: Decision, okBefore: boolean): void => {
  const { status, action, guard, reason, page, open, at } = decision;
  tally.byStatus[status] = (tally.byStatus[status] ?? 0) + 1;
  if (status === 'treated') {
    add(tally.actions, action ?? 'unknown');
    ofFailure(tally, failure).treated++;
    if (okBefore) tally.okBefore++;
  }
  if (status === 'would') add(tally.rehearsed, action ?? 'unknown');
  if (status === 'held') add(tally.holds, guard ?? 'unknown');
  if (status === 'asked') add(tally.holds, 'approval');
  if (status === 'escalated') add(tally.escalations, guard ?? reason);
  if (status === 'unknown') add(tally.unknown, reason);
  for (const id of open) add(tally.open, id);
  if (status === 'held' && !page) tally.quiet++;
  if (!page) return;
  tally.pages++;
  ofFailure(tally, failure).pages++;
  countHour(tally, 'pages', at);
};
