import { wasDone } from '../../shared/model/action-result.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { isResolved, type Status, statuses } from '../../shared/model/status.ts';

/**
 * Figures over all outcomes, shown individually or not. `heard` are those that were not quiet: a quiet end has no failure or is reported by
 * another incident, so it counts neither as recovered nor in the times.
 */
export type Figures = {
  incidents: number;
  heard: number;
  byStatus: { status: Status; count: number; quiet: number }[];
  recovered: number;
  /** Not quiet and not recovered: escalated, held, failed. */
  forPeople: number;
  /** Actions that were carried out, by name, the most frequent first. */
  actions: { action: string; count: number }[];
  /** Seconds to recover; null where nothing recovered, `p90` also where there are fewer than ten. */
  times: { median: number; p90: number | null; longest: number } | null;
};

const ascending = (a: number, b: number) => a - b;

/** By nearest rank: a value that was seen, and none in between. https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

const timesOf = (outcomes: readonly Outcome[]): number[] =>
  outcomes
    .flatMap(({ quiet, timeToRecoverSeconds }) => (quiet || timeToRecoverSeconds === null ? [] : [timeToRecoverSeconds]))
    .sort(ascending);

export const countBy = <T>(items: readonly T[], key: (item: T) => string): [string, number][] => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
};

/** Actions that were carried out, at their first step: one of several steps is one action. */
export const carriedOut = <A extends { action: string; attempt: number; result: string; target?: string | undefined }>(
  actions: readonly A[],
): A[] => {
  const done = actions.filter(wasDone);
  const keyOf = ({ action, attempt, target = '' }: A) => JSON.stringify([action, attempt, target]);
  return done.filter((record, i) => done.findIndex((other) => keyOf(other) === keyOf(record)) === i);
};

export const figuresOf = (outcomes: readonly Outcome[]): Figures => {
  const heard = outcomes.filter(({ quiet }) => !quiet);
  const times = timesOf(outcomes);
  const done = outcomes.flatMap(({ actions }) => carriedOut(actions));
  return {
    incidents: outcomes.length,
    heard: heard.length,
    byStatus: statuses.flatMap((status) => {
      const those = outcomes.filter((outcome) => outcome.status === status);
      return those.length > 0 ? [{ status, count: those.length, quiet: those.filter(({ quiet }) => quiet).length }] : [];
    }),
    recovered: heard.filter(({ status }) => isResolved(status)).length,
    forPeople: heard.filter(({ status }) => status === 'escalated' || status === 'held' || status === 'failed').length,
    actions: countBy(done, ({ action }) => action).map(([action, count]) => ({ action, count })),
    times:
      times.length === 0
        ? null
        : {
            median: percentile(times, 0.5),
            p90: times.length < 10 ? null : percentile(times, 0.9),
            longest: times.at(-1) as number,
          },
  };
};

/** Upper edges of the classes of times to recover, in seconds, and what they are called. */
const edges: readonly [number, string][] = [
  [60, 'under 1 min'],
  [120, '1–2 min'],
  [300, '2–5 min'],
  [600, '5–10 min'],
  [1200, '10–20 min'],
  [1800, '20–30 min'],
  [3600, '30–60 min'],
  [7200, '1–2 h'],
  [14400, '2–4 h'],
  [28800, '4–8 h'],
  [86400, '8–24 h'],
  [Number.POSITIVE_INFINITY, 'over a day'],
];

export type RecoveryClass = { label: string; healed: number; itself: number };

/** How long it took to recover, by classes from the quickest to the slowest that was seen; those between that are empty are there too. */
export const recoveryOf = (outcomes: readonly Outcome[]): RecoveryClass[] => {
  const classes = edges.map(([, label]) => ({ label, healed: 0, itself: 0 }));
  for (const { quiet, status, timeToRecoverSeconds: time } of outcomes) {
    if (quiet || time === null) continue;
    const found = classes[edges.findIndex(([edge]) => time < edge)];
    if (found) found[status === 'healed' ? 'healed' : 'itself']++;
  }
  const used = classes.map(({ healed, itself }) => healed + itself > 0);
  const first = used.indexOf(true);
  return first < 0 ? [] : classes.slice(first, used.lastIndexOf(true) + 1);
};

export type Hold = {
  /** The guard; without one, the reason without names. */
  by: string;
  /** Incidents that ended held by it, and others that it held for a while. */
  ended: number;
  passed: number;
  /** The last reason. */
  example: string;
};

const names = /\b[a-z]+-[0-9a-f]{8,}\b/g;
const generalise = (reason: string) => (reason.split(/[:;]/)[0] ?? '').replace(names, '…').replaceAll(/\d+/g, '…').trim().slice(0, 80);

/** Why this outcome was held, or null. */
const endedBy = ({ status, reason, timeline }: Outcome): { by: string; example: string } | null => {
  if (status !== 'held') return null;
  const last = timeline.findLast(({ answers }) => answers && answers.length > 0)?.answers?.at(-1);
  if (last?.answer === 'hold' && last.reason !== undefined && reason.startsWith(last.reason)) return { by: last.guard, example: reason };
  if (last?.answer === 'ask') return { by: last.guard, example: reason };
  return { by: generalise(reason), example: reason };
};

/** Holds by what held, the most frequent first. Each incident counts once for each. */
export const holdsOf = (outcomes: readonly Outcome[]): Hold[] => {
  const holds = new Map<string, Hold>();
  const holdBy = (by: string, example: string) => {
    const hold = holds.get(by) ?? { by, ended: 0, passed: 0, example };
    hold.example = example;
    holds.set(by, hold);
    return hold;
  };
  for (const outcome of outcomes) {
    const end = endedBy(outcome);
    if (end) holdBy(end.by, end.example).ended++;
    const seen = new Set(end ? [end.by] : []);
    for (const { guard, answer, reason } of outcome.timeline.flatMap(({ answers }) => answers ?? [])) {
      if (answer !== 'hold' || seen.has(guard)) continue;
      seen.add(guard);
      holdBy(guard, reason ?? '').passed++;
    }
  }
  return [...holds.values()].sort((a, b) => b.ended - a.ended || b.passed - a.passed || (a.by < b.by ? -1 : 1));
};
