import type { Decision } from './decision.ts';
import type { Case, Result } from './engine.ts';

const decided = ({ status, playbook, action, guard, reason, page, open, at }: Decision) => ({
  status,
  playbook,
  action,
  guard,
  reason,
  page,
  open,
  at: new Date(at).toISOString(),
});

/** One incident, for machines. `against` is there where a second policy is. */
export const caseLine = ({ where, incident, decisions, differs }: Case): string => {
  const { key, failure, severity, resource, account, region, at } = incident;
  const [policy, against] = decisions.map(decided);
  const line = { type: 'incident', at: new Date(at).toISOString(), where, incident: key, failure, severity, resource, account, region };
  return `${JSON.stringify({ ...line, policy, ...(against ? { against, differs } : {}) })}\n`;
};

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const tallied = ({ current: _, busiest, ...tally }: Result['tallies'][number]) => {
  const hourOf = ({ at, count }: { at: number; count: number }) => (count === 0 ? null : { hour: iso(at), count });
  const { treated = 0, passed = 0 } = tally.byStatus;
  return { ...tally, pagesSaved: treated + passed, busiest: { incidents: hourOf(busiest.incidents), pages: hourOf(busiest.pages) } };
};

/** The last line. */
export const summaryLine = (result: Result, assumptions: readonly string[], interrupted = false): string => {
  const { tallies, problems, first, last, ...counts } = result;
  const [policy, against] = tallies.map(tallied);
  return `${JSON.stringify({ type: 'summary', from: iso(first), to: iso(last), ...counts, problems, policy, ...(against ? { against } : {}), assumptions, ...(interrupted ? { interrupted } : {}) })}\n`;
};
