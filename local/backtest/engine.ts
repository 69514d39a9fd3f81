import { rulesOf } from '../../shared/model/classification-rules.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { Item } from '../input/source.ts';
import { type Decision, noIncident, same } from './decision.ts';
import { type Counts, type Fact, factsOf, noCounts } from './facts.ts';
import { createHistory, type SavedHistory } from './history.ts';
import type { Inventory } from './inventory.ts';
import { createLane, type Lane, type SavedLane } from './lane.ts';
import { createOrder } from './order.ts';
import { countDecision, countIncident, noTally, type Tally } from './tally.ts';

/** One incident, and what each policy makes of it; `decisions` in the order of the policies. */
export type Case = {
  where: string;
  incident: Pick<Incident, 'key' | 'failure' | 'severity' | 'resource' | 'account' | 'region' | 'at'>;
  decisions: Decision[];
  /** The policies come to different ends. Never with one policy alone. */
  differs: boolean;
};

export type EngineOptions = {
  /** The policy, and one to compare it with. */
  policies: readonly [Policy] | readonly [Policy, Policy];
  inventory: Inventory;
  /** Only what is from this time on and before that one; milliseconds since the epoch. */
  from: number;
  to: number;
  /** The number of facts that wait for an earlier one. */
  window: number;
  /** How long a treatment is taken to last, in milliseconds. */
  healsAfter: number;
  onCase: (one: Case) => void;
};

type Problem = { where: string; problem: string };
type Open = { where: string; incident: Case['incident']; decisions: (Decision | null)[] };

/** The first of these are shown, all are counted. */
const maxProblems = 10;

export type Result = Counts & {
  /** What could not be read, and the first of it. */
  bad: number;
  problems: Problem[];
  /** Changes of alarms whose definition is nowhere in the history. */
  undefinedAlarms: number;
  /** Facts that came later than the window allows; they count as delivered late. */
  late: number;
  /** The span of the facts; null where there were none. */
  first: number | null;
  last: number | null;
  tallies: Tally[];
  /** Incidents that the policies decide differently. */
  differences: number;
  /** How often the memory was too small for the history. */
  strained: { resources: number; incidents: number; cut: number };
};

export type SavedEngine = {
  seq: number;
  counts: Counts;
  bad: number;
  problems: Problem[];
  late: number;
  first: number | null;
  last: number | null;
  newest: number;
  differences: number;
  tallies: Tally[];
  open: [number, Open][];
  waiting: readonly Fact[];
  history: SavedHistory;
  lanes: SavedLane[];
};

/**
 * A back-test: takes items in any order and reports every incident once all policies have decided it. Deterministic, also if it is saved
 * between two items and resumed.
 */
export const createEngine = (options: EngineOptions, saved?: SavedEngine) => {
  const { policies, inventory, from, to, window, healsAfter, onCase } = options;
  let seq = saved?.seq ?? 0;
  let bad = saved?.bad ?? 0;
  let late = saved?.late ?? 0;
  let differences = saved?.differences ?? 0;
  let first = saved?.first ?? null;
  let last = saved?.last ?? null;
  /** The time of the newest fact that has been taken. */
  let newest = saved?.newest ?? 0;
  const counts = saved?.counts ?? noCounts();
  const problems = saved?.problems ?? [];
  const tallies = saved?.tallies ?? policies.map(noTally);
  const openCases = new Map<number, Open>(saved?.open);
  const order = createOrder<Fact>(window, saved?.waiting);
  const history = createHistory(saved?.history);

  // If the rules are the same, an event is classified once.
  const taught = policies.map(rulesOf);
  const [common] = taught;
  const alike = taught.every((rules) => JSON.stringify(rules) === JSON.stringify(common));
  const reader = { rules: alike ? taught.slice(0, 1) : taught, from, to };

  /** Of the fact at hand. */
  let where = '';
  const caseOf = (of: number, { key, failure, severity, resource, account, region, at }: Incident): Open => {
    let one = openCases.get(of);
    if (!one) {
      one = { where, incident: { key, failure, severity, resource, account, region, at }, decisions: policies.map(() => null) };
      openCases.set(of, one);
    }
    return one;
  };

  const complete = (of: number, one: Open): void => {
    const decisions = one.decisions.filter((decision) => decision !== null);
    if (decisions.length < policies.length) return;
    openCases.delete(of);
    const [a, b] = decisions;
    const differs = a !== undefined && b !== undefined && !same(a, b);
    if (differs) differences++;
    onCase({ where: one.where, incident: one.incident, decisions, differs });
  };

  const lanes: Lane[] = policies.map((policy, index) =>
    createLane(
      {
        policy,
        inventory,
        healsAfter,
        settle: (of, incident, decision, { okBefore }) => {
          countDecision(tallies[index] as Tally, incident, decision, okBefore);
          const one = caseOf(of, incident);
          one.decisions[index] = decision;
          complete(of, one);
        },
        opened: (of, incident, now) => {
          countIncident(tallies[index] as Tally, incident, now);
          caseOf(of, incident);
        },
      },
      saved?.lanes[index],
    ),
  );

  const take = async (fact: Fact): Promise<void> => {
    if (fact.at < newest) late++;
    newest = Math.max(newest, fact.at);
    first = first === null ? fact.at : Math.min(first, fact.at);
    last = last === null ? fact.at : Math.max(last, fact.at);
    where = fact.where;
    const without: number[] = [];
    for (const [index, lane] of lanes.entries()) {
      const came = await lane.take(fact, index);
      if (came === 'joined') (tallies[index] as Tally).merged++;
      if (came !== 'opened') without.push(index);
    }
    const one = openCases.get(fact.seq);
    if (!one || without.length === 0) return;
    for (const index of without) one.decisions[index] = noIncident(fact.at);
    complete(fact.seq, one);
  };

  const takeAll = async (facts: readonly Fact[]): Promise<void> => {
    for (const fact of facts) await take(fact);
  };

  return {
    /** Takes one item; the time of its newest fact, or null where it holds none. At once where nothing comes of it yet. */
    feed: (item: Item): number | null | Promise<number | null> => {
      const complain = (problem: string): void => {
        bad++;
        if (problems.length < maxProblems) problems.push({ where: item.where, problem: problem.slice(0, 300) });
      };
      if ('problem' in item) {
        complain(item.problem);
        return null;
      }
      counts.read++;
      const parsed = history.read(item.value);
      for (const problem of parsed.problems) complain(problem);
      let at: number | null = null;
      const ready: Fact[] = [];
      for (const fact of factsOf(parsed, item.where, reader, counts, () => ++seq)) {
        at = Math.max(at ?? 0, fact.at);
        const earliest = order.push(fact);
        if (earliest) ready.push(earliest);
      }
      return ready.length === 0 ? at : takeAll(ready).then(() => at);
    },
    /** No more items come: what waits is taken, and what is under way comes to its end. */
    finish: async (): Promise<void> => {
      for (let fact = order.pop(); fact !== undefined; fact = order.pop()) await take(fact);
      for (const lane of lanes) await lane.finish();
    },
    result: (): Result => {
      const strains = lanes.map((lane) => lane.strained());
      const sum = (of: keyof Result['strained']) => strains.reduce((total, strained) => total + strained[of], 0);
      return {
        ...counts,
        bad,
        problems,
        undefinedAlarms: history.undefinedAlarms(),
        late,
        first,
        last,
        tallies,
        differences,
        strained: { resources: sum('resources'), incidents: sum('incidents'), cut: sum('cut') },
      };
    },
    save: (): SavedEngine => ({
      seq,
      counts,
      bad,
      problems,
      late,
      first,
      last,
      newest,
      differences,
      tallies,
      open: [...openCases],
      waiting: order.save(),
      history: history.save(),
      lanes: lanes.map((lane) => lane.save()),
    }),
  };
};

export type Engine = ReturnType<typeof createEngine>;
