import type { Incident } from './incident.ts';
import type { ActionRecord, Outcome, Particulars, TimelineEntry } from './outcome-schema.ts';
import { isResolved, type Status } from './status.ts';

export type { ActionRecord, Change, GuardSaid, LikelyCause, Link, Outcome, Particulars, TimelineEntry } from './outcome-schema.ts';

/** What changed the resource lately, as far as it could be found out. */
export type History = Pick<Outcome, 'changes' | 'likelyCause' | 'changesNote'>;

/** Nothing was looked up, and why. */
export const noHistory = (changesNote: string): History => ({ changes: [], likelyCause: null, changesNote });

/** Something was changed by it, or may have been. */
export const mayHaveActed = ({ result }: Pick<ActionRecord, 'result'>): boolean => result === 'done' || result.startsWith('uncertain');

/** What an incident's end adds to the incident itself. */
export type Ending = {
  status: Status;
  verified: boolean;
  reason: string;
  quiet: boolean;
  endedAt: number;
  actions: ActionRecord[];
  timeline: TimelineEntry[];
  /** What changed the resource; without one, nobody has asked. */
  history?: History;
  /** What it looked like; null or left out where nobody looked. */
  resourceState?: string | null;
  /** What is known of the resource beyond its id. */
  particulars?: Particulars;
};

/** In characters: what AWS or a tag says may be in it. */
const longestReason = 1000;

/** What is told so long after it began, by its own time, says nothing of how fast anything was mended. In milliseconds. */
const stale = 24 * 3600 * 1000;

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
    endedAt,
    actions,
    timeline,
    history = noHistory('not asked'),
    resourceState,
    particulars = {},
  } = ending;
  const [heard] = timeline;
  const timed = isResolved(status) && Date.parse(heard?.at ?? new Date(endedAt).toISOString()) - at <= stale;
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
    reason: reason.slice(0, longestReason),
    ...(resourceState ? { resourceState } : {}),
    quiet,
    startedAt: new Date(at).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    timeToRecoverSeconds: timed ? Math.max(0, Math.round((endedAt - at) / 1000)) : null,
    actions,
    ...history,
    timeline,
    ...particulars,
  };
};
