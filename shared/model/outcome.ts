import { dayMs } from './duration.ts';
import type { Incident } from './incident.ts';
import type { ActionRecord, Outcome, Particulars, TimelineEntry } from './outcome-schema.ts';
import { isResolved, type Status } from './status.ts';

export type { ActionRecord, Change, GuardSaid, LikelyCause, Link, Outcome, Particulars, TimelineEntry } from './outcome-schema.ts';

/** What every message about an incident says of it; `incident` is its key. */
export type IncidentSummary = Pick<Outcome, 'incident' | 'failure' | 'severity' | 'resource' | 'account' | 'region'>;

/** What is said of an incident while it is open. */
export const summaryOf = ({ key, failure, severity, resource, account, region }: Incident): IncidentSummary => ({
  ...{ incident: key, failure, severity, resource, account, region },
});

/** Recent changes of the resource, and the likely cause among them. */
export type History = Pick<Outcome, 'changes' | 'likelyCause' | 'changesNote'>;

/** A history that was not read, and why. */
export const noHistory = (changesNote: string): History => ({ changes: [], likelyCause: null, changesNote });

/** The note of a history that was not asked for. */
export const notAsked = (why?: string): string => (why === undefined ? 'not asked' : `not asked: ${why}`);

/** Whether the note says that something may be missing, not only that nobody asked. */
export const isGapNote = (changesNote: string | null): changesNote is string => changesNote !== null && !changesNote.startsWith(notAsked());

/** What the end of an incident adds to it. */
export type Ending = {
  status: Status;
  verified: boolean;
  reason: string;
  quiet: boolean;
  /** That it began was reported, or may have been. */
  opened?: boolean;
  endedAt: number;
  actions: ActionRecord[];
  timeline: TimelineEntry[];
  /** Recent changes of the resource; left out if they were not looked up. */
  history?: History;
  /** The state of the resource; null or left out if it was not looked at. */
  resourceState?: string | null;
  /** Details of the resource besides its id. */
  particulars?: Particulars;
};

/** In characters; a reason may contain text from AWS or from tags. */
const maxReasonLength = 1000;

/** Signals that arrive later than this after their own time are left out of the time to recover. In milliseconds. */
const maxSignalDelay = dayMs;

/** Builds the outcome of an incident. */
export const concludeIncident = (
  incident: Pick<Incident, 'key' | 'failure' | 'severity' | 'resource' | 'account' | 'region' | 'playbook' | 'at'>,
  ending: Ending,
): Outcome => {
  const { key, failure, severity, resource, account, region, playbook, at } = incident;
  const {
    status,
    verified,
    reason,
    quiet,
    opened = false,
    endedAt,
    actions,
    timeline,
    history = noHistory(notAsked()),
    resourceState,
    particulars = {},
  } = ending;
  const [firstEntry] = timeline;
  const timed = isResolved(status) && Date.parse(firstEntry?.at ?? new Date(endedAt).toISOString()) - at <= maxSignalDelay;
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
    reason: reason.slice(0, maxReasonLength),
    ...(resourceState ? { resourceState } : {}),
    quiet,
    ...(opened ? { opened } : {}),
    startedAt: new Date(at).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    timeToRecoverSeconds: timed ? Math.max(0, Math.round((endedAt - at) / 1000)) : null,
    actions,
    ...history,
    timeline,
    ...particulars,
  };
};
