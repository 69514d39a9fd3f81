import type { Incident } from '../../shared/model/incident.ts';
import { leaseKey, longMs, type Part, recordKey, start } from './programs.ts';
import type { Move, State } from './state.ts';
import type { Table } from './table.ts';

type Setting = { table: Table; parts: readonly Part[]; incidents: readonly Incident[] };

const leaseIn = ({ table }: Setting, { content }: State) => {
  const { holder, leasedUntil } = table.item(content, leaseKey) ?? {};
  return { holder: holder?.S ?? null, until: Number(leasedUntil?.N ?? 0) };
};

/** What is wrong with a move: the rules of leases, actions and outcomes. */
export const objectionsTo = (state: State, move: Move, next: State, setting: Setting): string[] => {
  if (move.answer === null) return [];
  const { table, parts, incidents } = setting;
  const own = parts[move.part]?.incident ?? '';
  const wrong: string[] = [];
  const { request, answer, at } = move;
  const lease = leaseIn(setting, state);
  const held = lease.holder !== null && lease.until > at;
  if (request.kind === 'act') {
    if (!held || lease.holder !== own) wrong.push('an incident acts that does not hold the lease');
    const call = next.acts.entries.at(-1);
    if (next.acts.entries.filter((one) => one === call).length > 1) wrong.push('an incident does the same thing twice');
  }
  if (request.kind !== 'table') return wrong;
  const { pk, command } = request.command;
  if (pk === leaseKey) {
    const now = leaseIn(setting, next);
    const less = now.holder !== lease.holder || now.until < lease.until;
    if (held && less && lease.holder !== own) wrong.push('a lease that has not run out is taken from its holder');
    const { UpdateExpression = '' } = command.input as { UpdateExpression?: string };
    if (!held && 'error' in answer && UpdateExpression.startsWith('SET holder')) wrong.push('a lease that has run out blocks others');
  }
  for (const { key } of incidents) {
    const [was, is] = [state, next].map(({ content }) => table.item(content, recordKey(key))?.outcome?.S);
    if (was !== undefined && was !== is) wrong.push('an outcome is replaced by another');
  }
  return wrong;
};

type Ended = { status: string; quiet: boolean; reason: string; endedAt: string };
const contentOf = ({ status, quiet, reason, endedAt }: Ended): string => JSON.stringify([status, quiet, reason, endedAt]);

/** What people were told of an incident: its outcome, each time, and how many messages before. */
const messagesOf = ({ told }: State, key: string) => {
  const all = told.entries.filter((line) => line.startsWith(`${key} `)).map((line) => JSON.parse(line.slice(key.length + 1)) as Ended);
  const outcomes = all.filter(({ endedAt }) => endedAt !== undefined);
  return { told: outcomes, interims: all.length - outcomes.length };
};

/** What is wrong once nothing more will happen: outcomes and messages. */
export const atTheEnd = (state: State, setting: Setting): string[] => {
  const { table, parts, incidents } = setting;
  const wrong: string[] = [];
  const { holder, until } = leaseIn(setting, state);
  if (holder !== null && !Number.isFinite(until)) wrong.push('a lease never runs out');
  const undisturbed = Object.values(state.used).every((count) => count === 0);
  if (undisturbed && state.world.endsWith('alarm') && incidents.some(({ disposition }) => disposition === 'remediate'))
    wrong.push('nobody treats what fails');
  const outcomes = new Map<string, Ended>();
  for (const { key } of incidents) {
    const begun = parts.some(({ incident, role }, index) => incident === key && role === 'execution' && state.processes[index] !== null);
    if (!begun) continue;
    const text = table.item(state.content, recordKey(key))?.outcome?.S;
    const { told } = messagesOf(state, key);
    if (text === undefined) {
      wrong.push('an incident ends without a recorded outcome');
      continue;
    }
    const recorded = JSON.parse(text) as Ended;
    outcomes.set(key, recorded);
    if (told.some((one) => contentOf(one) !== contentOf(recorded))) wrong.push('people are told another outcome than the recorded one');
    if (recorded.quiet && told.length > 0) wrong.push('people are told a quiet outcome');
    if (!recorded.quiet && told.length === 0) wrong.push('nobody is told an outcome');
    // After a stop, it may be the process itself that is just telling them, and both who watch.
    const { deaths, lost, late, stops } = state.used;
    if (told.length > 1 + deaths + lost + late + 2 * stops) wrong.push('people are told an outcome more often than calls have failed');
  }
  // An episode that nobody could look after for days has run out, and what joined it is forgotten; its beginning was told.
  const expired = state.time - start > longMs;
  for (const { reason, quiet } of outcomes.values()) {
    const [, opener] = / is part of incident (\S+)$/.exec(reason) ?? [];
    if (!quiet || opener === undefined) continue;
    const tells = outcomes.get(opener);
    if (!tells || (tells.quiet && messagesOf(state, opener).interims === 0)) wrong.push('an incident has joined another that tells nobody');
    // One that has died tells of itself alone.
    else if (tells.status === 'escalated' && !expired && !/^2 times /.test(tells.reason))
      wrong.push('an incident that has joined another is not counted by it');
  }
  return wrong;
};
