import type { Adoption } from './shape.ts';

/** What was read in one account and region, by its name in problems. */
export type PlaceAdoption = { name: string; adoption: Adoption };

type Counts = Record<string, number>;

const added = (all: readonly Counts[]): Counts => {
  const sum: Counts = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
};

const sumOf = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0);

/** Null where none of them was read. */
const sumOfRead = (all: readonly (number | null)[]): number | null => {
  const read = all.filter((one) => one !== null);
  return read.length === 0 ? null : sumOf(read);
};

const common = <T>([first, ...others]: readonly T[]): T | null =>
  first !== undefined && others.every((one) => one === first) ? first : null;

/** One hub serves all, so that it is installed once. */
const pastOf = (all: readonly Adoption['past'][]): Adoption['past'] => {
  const read = all.filter((one) => one !== null);
  const [first] = read;
  if (!first) return null;
  const of = (name: 'incidents' | 'treated' | 'passed' | 'rehearsed' | 'pages' | 'quiet' | 'unknown') =>
    sumOf(read.map((one) => one[name]));
  return {
    from: read.map(({ from }) => from).sort()[0] ?? first.from,
    to:
      read
        .map(({ to }) => to)
        .sort()
        .at(-1) ?? first.to,
    ...{ incidents: of('incidents'), treated: of('treated'), passed: of('passed'), rehearsed: of('rehearsed') },
    ...{ pages: of('pages'), quiet: of('quiet'), unknown: of('unknown') },
    actions: added(read.map(({ actions }) => actions)),
    holds: added(read.map(({ holds }) => holds)),
    cost: {
      incidents: sumOf(read.map(({ cost }) => cost.incidents)),
      installation: Math.max(...read.map(({ cost }) => cost.installation)),
    },
  };
};

/** What there is to say of several accounts and regions, each of which was assessed by itself: names are unique only within one. */
export const mergeAdoptions = (all: readonly PlaceAdoption[]): Adoption | null => {
  const adoptions = all.map(({ adoption }) => adoption);
  const [first] = adoptions;
  if (!first || adoptions.length === 1) return first ?? null;
  const rules: Adoption['rules'] = [];
  /** Where a rule of a place is among those of all; the same rule is proposed once. */
  const ruleIn = (one: Adoption['rules'][number]): number => {
    const at = rules.findIndex(({ rule }) => JSON.stringify(rule) === JSON.stringify(one.rule));
    const known = rules[at];
    if (!known) return rules.push({ ...one }) - 1;
    known.alarms = [...new Set([...known.alarms, ...one.alarms])];
    return at;
  };
  const alarms = adoptions.flatMap((adoption) => {
    const places = adoption.rules.map(ruleIn);
    return adoption.alarms.map((alarm) => ({ ...alarm, rule: alarm.rule === null ? null : (places[alarm.rule] ?? null) }));
  });
  const summaries = adoptions.map(({ summary }) => summary);
  const volumes = adoptions.flatMap((one) => one.volumes ?? []);
  return {
    account: common(adoptions.map(({ account }) => account)),
    region: common(adoptions.map(({ region }) => region)),
    ...{ at: first.at, policy: first.policy },
    optIn: {
      ...first.optIn,
      today: sumOf(adoptions.map(({ optIn }) => optIn.today)),
      of: sumOf(adoptions.map(({ optIn }) => optIn.of)),
      unknown: sumOf(adoptions.map(({ optIn }) => optIn.unknown)),
    },
    summary: {
      alarms: alarms.length,
      outcomes: added(summaries.map(({ outcomes }) => outcomes)) as Adoption['summary']['outcomes'],
      settings: added(summaries.map(({ settings }) => settings)),
      covered: sumOf(summaries.map(({ covered }) => covered)),
      instances: sumOfRead(summaries.map(({ instances }) => instances)),
      groups: sumOfRead(summaries.map(({ groups }) => groups)),
      unwatched: sumOf(summaries.map(({ unwatched }) => unwatched)),
      silent: sumOf(summaries.map(({ silent }) => silent)),
      owners: added(summaries.map(({ owners }) => owners)),
      volumes: sumOfRead(summaries.map((one) => one.volumes)),
    },
    ...{ alarms, rules },
    unwatched: adoptions.flatMap((one) => one.unwatched),
    silent: adoptions.flatMap((one) => one.silent),
    owned: adoptions.flatMap((one) => one.owned),
    volumes: adoptions.every((one) => one.volumes === null) ? null : volumes,
    past: pastOf(adoptions.map(({ past }) => past)),
    problems: all.flatMap(({ name, adoption }) => adoption.problems.map(({ where, problem }) => ({ where: `${name}: ${where}`, problem }))),
  };
};
