import { hourMs } from '../../shared/model/duration.ts';
import type { Host, HostOptions } from '../testbed/host.ts';
import { playScenario } from '../worlds/play.ts';
import { type Scenario, scenarioSchema } from '../worlds/schema.ts';
import { createWitness, type Evidence } from './evidence.ts';
import { createFault, type Fault, type Phase } from './fault.ts';
import { type Judgement, judge, leftOf, type Reference, type Verdict } from './judge.ts';
import { type Situation, situations } from './situations.ts';

/** One world of the matrix: a situation in which one call fails in one way. */
export type Cell = { situation: string; call: string; fault: Fault; phase: Phase };

/** A situation without a fault: the reference, and selfheal's calls before and after its first change. */
export type Base = { situation: string; reference: Reference; calls: Record<Phase, string[]>; judgement: Judgement };

/** The result of a cell: how its incidents ended, and the notifications. */
export type Line = Cell & {
  outcomes: string[];
  /** Incidents that had not ended. */
  open: number;
  changes: string[];
  messages: Record<string, number>;
} & Partial<Judgement>;

/** `meddle` breaks selfheal on purpose, to prove that it would be noticed. */
type How = { cell?: Cell; listens?: boolean; meddle?: HostOptions['meddle'] };

const scenarioOf = ({ about: _, subject: __, ...written }: Situation, name: string): Scenario =>
  scenarioSchema.parse({
    ...{ name, hypothesis: 'Whatever AWS answers, nothing is left worse, unsaid, said twice or said wrongly.', watch: '3h' },
    ...written,
    expect: { promises: 'kept' },
  });

/** Plays a situation, with or without a fault, and with or without selfheal. */
const play = async (name: string, how: How = {}): Promise<{ evidence: Evidence; open: number }> => {
  const situation = situations[name];
  if (!situation) throw new RangeError(`there is no situation ${name}`);
  const { cell, listens = true, meddle = {} } = how;
  const witness = createWitness();
  const fault = cell && createFault(cell.call, cell.fault, cell.phase);
  let host: Host | undefined;
  let subject: string | null = null;
  const { unsteady, open, watched } = await playScenario(scenarioOf(situation, name), {
    // Notices are retried for a day; an incident that is still open then will never end.
    patience: 3 * hourMs,
    host: { listens, meddle, interceptors: [witness.interceptor, ...(fault ? [fault.interceptor] : [])] },
    onReady: (ready, says) => {
      host = ready;
      subject =
        situation.subject === null
          ? null
          : ready.aws.autoScaling.get(situation.subject)
            ? situation.subject
            : says(`\${${situation.subject}}`);
      witness.begin(ready);
      fault?.begin(ready.aws.world.clock);
    },
    onAnswer: witness.onAnswer,
  });
  if (!host) throw new Error(`${name}: the steady state did not hold before: ${unsteady.join('; ')}`);
  return { evidence: witness.evidence(subject, watched?.violations), open };
};

const firstOf = (times: readonly number[], began: number): number | null => (times.length === 0 ? null : Math.min(...times) - began);

/** Plays a situation without a fault, and without selfheal. */
export const playBase = async (situation: string): Promise<Base> => {
  const { evidence: without } = await play(situation, { listens: false });
  const { evidence } = await play(situation);
  const { began, calls, tellings } = evidence;
  const changes = calls.filter(({ change, error }) => change && error === null).map(({ at }) => at);
  const told = tellings.filter(({ quiet }) => !quiet).map(({ at }) => at);
  const reference = { changed: firstOf(changes, began), told: firstOf(told, began), left: leftOf(without) };
  const from = Math.min(...changes);
  const names = (of: Evidence['calls']) => [...new Set(of.map(({ call }) => call))].sort();
  return {
    situation,
    reference,
    calls: { start: names(calls), 'first-change': names(calls.filter(({ at }) => at >= from)) },
    judgement: judge(evidence, reference),
  };
};

/** Plays one cell and compares it with its situation's base. */
export const playCell = async (cell: Cell, { reference }: Pick<Base, 'reference'>, meddle: How['meddle'] = {}): Promise<Line> => {
  const { evidence, open } = await play(cell.situation, { cell, meddle });
  const judgement = judge(evidence, reference);
  const { calls, tellings } = evidence;
  const ended = tellings.flatMap(({ channel, outcome }) => (channel === 'bus' && outcome ? [outcome] : []));
  const outcomes = ended.map(({ failure, status, quiet, reason }) => `${failure}: ${quiet ? 'quietly ' : ''}${status}: ${reason}`);
  const messages: Record<string, number> = {};
  for (const { channel } of tellings) messages[channel] = (messages[channel] ?? 0) + 1;
  return {
    ...cell,
    outcomes: [...new Set(outcomes)],
    open,
    changes: calls.filter(({ change }) => change).map(({ call, error, lost }) => `${call}${error ? `: ${error}` : lost ? ': lost' : ''}`),
    messages,
    ...Object.fromEntries(Object.entries(judgement).filter(([, found]) => found.length > 0)),
  };
};

/** Whether a cell has this verdict. */
export const isBad = (line: Line, verdict: Verdict): boolean => (line[verdict]?.length ?? 0) > 0;
