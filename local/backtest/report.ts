import { formatResult } from '../../shared/model/action-result.ts';
import { concludeIncident, type Outcome, type TimelineEntry } from '../../shared/model/outcome.ts';
import type { Status as OutcomeStatus } from '../../shared/model/status.ts';
import type { ReportInput, ReportTable } from '../report/index.ts';
import type { Status } from './decision.ts';
import type { Case, Result } from './engine.ts';
import { warningsOf } from './render.ts';

/** So many incidents are shown one by one; the tables count all. */
export const maxReported = 500;

/** No outcome at all: what is not known did not end, and what opens no incident is none. */
const statusOf: Record<Status, OutcomeStatus | null> = {
  treated: 'healed',
  passed: 'healed-itself',
  would: 'dry-run',
  asked: 'held',
  held: 'held',
  escalated: 'escalated',
  unknown: null,
  none: null,
};

/** An incident as an outcome, which it never was: so nothing in it is verified, and its reason says so. */
const outcomeOf = ({ where, incident, decisions }: Case): Outcome | null => {
  const [decision] = decisions;
  const as = decision && statusOf[decision.status];
  if (!as) return null;
  const { status, at, playbook, action, guard, reason, page } = decision;
  const began = new Date(incident.at).toISOString();
  const ended = Math.max(at, incident.at);
  const timeline: TimelineEntry[] = [
    {
      at: began,
      phase: 'signal',
      text: `${incident.failure} on ${incident.resource.type} ${incident.resource.id} (${where})`.slice(0, 600),
    },
  ];
  const then = new Date(ended).toISOString();
  if (guard) timeline.push({ at: then, phase: 'guard', text: `${guard}: ${reason}`.slice(0, 600) });
  if (status === 'treated') timeline.push({ at: then, phase: 'act', text: `would have been done: ${action}` });
  timeline.push({ at: then, phase: 'decide', text: `modelled as ${status}: ${reason}`.slice(0, 600) });
  return concludeIncident(
    { ...incident, playbook },
    {
      status: as,
      verified: false,
      reason: status === 'treated' ? `assumed, not verified: ${reason}` : reason,
      quiet: !page && status === 'held',
      endedAt: ended,
      actions:
        action && (status === 'treated' || status === 'would')
          ? [{ action, attempt: 1, at: then, result: formatResult({ status: status === 'would' ? 'would' : 'done' }) }]
          : [],
      timeline,
    },
  );
};

const counted = (title: string, first: string, names: readonly string[], all: readonly Readonly<Record<string, number>>[]): ReportTable => {
  const keys = [...new Set(all.flatMap((one) => Object.keys(one)))].sort();
  return { title, columns: [first, ...names], rows: keys.map((key) => [key, ...all.map((one) => one[key] ?? 0)]) };
};

/** What `--report` shows: the first incidents one by one, and tables of all of them. */
export const reportOf = (
  {
    result,
    cases,
    names,
    assumptions,
  }: { result: Result; cases: readonly Case[]; names: readonly string[]; assumptions: readonly string[] },
  command: string,
): ReportInput => {
  const { tallies } = result;
  const outcomes = cases.flatMap((one) => outcomeOf(one) ?? []);
  const known = (tallies[0]?.incidents ?? 0) - (tallies[0]?.byStatus.unknown ?? 0);
  const notes = [
    'Nothing here happened: it shows what selfheal would have done with a history. “healed” stands for an action that is assumed to have healed; nothing was verified.',
    ...assumptions,
    ...(known > outcomes.length ? [`The first ${outcomes.length} of ${known} incidents are listed; the tables count them all.`] : []),
    ...(tallies[0]?.byStatus.unknown ? ['Incidents whose end is not known are only in the tables.'] : []),
    ...(tallies.length > 1 ? [`The list is that of ${names[0]}.`] : []),
    ...warningsOf(result),
  ];
  return {
    title: 'selfheal: a back-test',
    command,
    outcomes,
    health: [],
    notes,
    tables: [
      {
        title: 'Pages',
        columns: ['', ...names],
        rows: [
          ['incidents', ...tallies.map(({ incidents }) => incidents)],
          ['pages saved', ...tallies.map(({ byStatus }) => (byStatus.treated ?? 0) + (byStatus.passed ?? 0))],
          ['pages sent', ...tallies.map(({ pages }) => pages)],
          ['not known', ...tallies.map(({ byStatus }) => byStatus.unknown ?? 0)],
        ],
      },
      counted(
        'How they would have ended',
        'end',
        names,
        tallies.map(({ byStatus }) => byStatus as Record<string, number>),
      ),
      counted(
        'Actions',
        'action',
        names,
        tallies.map(({ actions }) => actions),
      ),
      counted(
        'Holds',
        'guard',
        names,
        tallies.map(({ holds }) => holds),
      ),
      counted(
        'Not known',
        'because',
        names,
        tallies.map(({ unknown }) => unknown),
      ),
    ],
  };
};
