import { type Answer, lost } from './answer.ts';
import { type Automaton, createAutomaton, type Place } from './process.ts';
import { after, leaseKey, longestStepMs, longMs, othersTurnMs, type Scenario, start } from './programs.ts';
import { atTheEnd, objectionsTo } from './promises.ts';
import { tellSchedule } from './schedule.ts';
import type { Bound, Fault, List, Move, Process, State } from './state.ts';
import type { Table } from './table.ts';

export type Found = {
  states: number;
  /** Different orders of events from the start to the end; those in which only independent events change places count once. */
  schedules: number;
  /** What was objected to, and the shortest schedule that leads there, in words; null if there was nothing. */
  violation: { objection: string; schedule: string[] } | null;
};

const nothingUsed: State['used'] = { deaths: 0, lost: 0, late: 0, stops: 0 };

/**
 * Explores every order in which the parts of a scenario can run, with every place for the faults of the bound, level by level: what is
 * found first is the shortest. Where the next request of a process concerns nobody else, now or later, its order with the others' makes no
 * difference, and only it goes on (a persistent set: https://doi.org/10.1007/3-540-60761-7).
 */
export const explore = async (table: Table, { parts, incidents }: Scenario, bound: Bound): Promise<Found> => {
  const automata: Automaton[] = parts.map(({ program }) => createAutomaton(program));
  const lists = new Map<string, List>();
  const listOf = (entries: readonly string[]): List => {
    const text = entries.join('\n');
    const list = lists.get(text) ?? { id: lists.size, entries };
    lists.set(text, list);
    return list;
  };
  /** Who uses what, as far as is known; exploring goes on until nothing is added. */
  const users = new Map<string, Set<number>>();
  let added = false;

  const isOver = (process: State['processes'][number]): boolean =>
    process === 'gone' || (process !== null && process.place.request.kind === 'end');
  const usedBy = ({ request }: Place): string | null => {
    if (request.kind === 'table') return request.command.pk;
    if (request.kind === 'act' || request.kind === 'look') return 'world';
    return request.kind === 'start' ? 'executions' : null;
  };
  const concernsOthers = ({ processes }: State, own: number, place: Place): boolean => {
    const what = usedBy(place);
    if (what === null) return false;
    const all = users.get(what) ?? new Set();
    users.set(what, all);
    if (!all.has(own)) added = true;
    all.add(own);
    return [...all].some((other) => {
      if (other === own || isOver(processes[other] ?? null)) return false;
      // What only this one's death starts is not there before.
      const { startedBy, incident } = parts[other] ?? {};
      return processes[other] !== null || startedBy !== 'death' || parts[own]?.role !== 'execution' || incident !== parts[own]?.incident;
    });
  };

  const processAt = (place: Place, lastStep: number | null = null): Process => ({
    place,
    until: place.request.kind === 'wait' ? place.at + place.request.seconds * 1000 : place.at,
    lastStep,
  });
  const keyOf = (state: State): string => {
    const { time, content, world, used, acts, told, processes } = state;
    let key = `${time - start} ${content} ${world} ${used.deaths}${used.lost}${used.late}${used.stops} ${acts.id} ${told.id}`;
    for (const one of processes) {
      if (one === null || one === 'gone') key += one === null ? ' -' : ' x';
      else key += one.until <= time && one.lastStep === null ? ` ${one.place.id}` : ` ${one.place.id}/${one.until - start}/${one.lastStep}`;
    }
    return key;
  };

  /** Time passes only while nobody is ready. */
  const settle = (state: State): State => {
    const times = state.processes.flatMap((one) => (one !== null && one !== 'gone' && !isOver(one) ? [one.until] : []));
    const time = times.length === 0 ? state.time : Math.max(state.time, Math.min(...times));
    return time === state.time ? state : { ...state, time, content: table.expire(state.content, time) };
  };
  const startPart = async (state: State, part: number): Promise<State> => {
    const automaton = automata[part];
    if (!automaton || state.processes[part] !== null) return state;
    const process = processAt(await automaton.start(state.time));
    return { ...state, processes: state.processes.with(part, process) };
  };

  const initial = async (): Promise<State> => {
    let state: State = {
      ...{ time: start, content: table.empty, world: 'running alarm', processes: parts.map(() => null) },
      ...{ used: nothingUsed, acts: listOf([]), told: listOf([]), before: null },
    };
    for (const [index, { startedBy }] of parts.entries()) if (startedBy === 'scenario') state = await startPart(state, index);
    return state;
  };

  /** What the request of a process does outside of it, and what it is answered. */
  const carryOut = (
    state: State,
    own: number,
    { request }: Place,
  ): { state: State; answer: Answer } | Promise<{ state: State; answer: Answer }> => {
    switch (request.kind) {
      case 'table': {
        const came = table.send(state.content, request.command);
        if (came instanceof Promise) return came.then(({ content, answer }) => ({ state: { ...state, content }, answer }));
        return { state: { ...state, content: came.content }, answer: came.answer };
      }
      case 'act':
        return {
          state: { ...state, world: after(state.world, request.call), acts: listOf([...state.acts.entries, `${own} ${request.call}`]) },
          answer: { value: {} },
        };
      case 'look':
        return { state, answer: { value: state.world } };
      case 'tell':
        return {
          state: { ...state, told: listOf([...state.told.entries, `${request.incident} ${request.text}`].sort()) },
          answer: { value: null },
        };
      case 'start': {
        const part = parts.findIndex(({ role, incident }) => role === 'execution' && incident === request.name);
        if (state.processes[part] !== null)
          return { state, answer: { error: { name: 'DurableExecutionAlreadyStartedException', message: 'it has started', status: 409 } } };
        return startPart(state, part).then((next) => ({ state: next, answer: { value: {} } }));
      }
      case 'list':
      case 'wait':
        return { state, answer: { value: null } };
      case 'end':
        throw new Error('an ended process makes no request');
    }
  };

  /** The ways on of one process, each with its fault. */
  const waysOf = async (state: State, own: number, { place, lastStep }: Process): Promise<{ move: Move; next: State }[]> => {
    const { request, step } = place;
    const automaton = automata[own];
    const part = parts[own];
    if (!automaton || !part) return [];
    const ways: { move: Move; next: State }[] = [];
    const { used } = state;
    const faults = used.deaths + used.lost + used.late + used.stops;
    const has = (fault: Fault) => faults < bound.faults && used[fault] < bound[fault];
    const add = (what: Move['what'], after: State, process: State['processes'][number], fault?: Fault, answer?: Answer) => {
      // A stopped one comes no further than the end of its operation.
      const late = lastStep !== null && process !== null && process !== 'gone' && process.place.step?.number !== lastStep;
      const next = { ...after, processes: after.processes.with(own, late ? 'gone' : process) };
      const move = { part: own, what, request, at: state.time, answer: answer ?? null };
      ways.push({ move, next: fault ? { ...next, used: { ...used, [fault]: used[fault] + 1 } } : next });
    };
    const happens = async (event: Parameters<Automaton['after']>[1]) => processAt(await automaton.after(place, event), lastStep);

    const { state: done, answer } = await carryOut(state, own, place);
    add('goes on', done, await happens({ kind: 'answer', answer, at: state.time }), undefined, answer);
    const waits = request.kind === 'wait';
    if (!waits && lastStep === null && has('deaths')) {
      const dead = await happens({ kind: 'death', at: state.time, unbegun: false });
      // Dying before another request than the first is the same as dying after the one before.
      if (step?.once && step.first) add('dies before', state, dead, 'deaths');
      // An operation that may run again, and has changed nothing, has not begun.
      const anew = (step ? step.first && !step.once : place.before === null) && done.content === state.content && done.told === state.told;
      if (!anew) add('dies after', done, dead, 'deaths', answer);
    }
    if (!waits && has('lost')) {
      add('loses the answer', done, await happens({ kind: 'answer', answer: lost, at: state.time }), 'lost', answer);
    }
    if (part.role !== 'execution') return ways;
    const { holder, leasedUntil } = table.item(state.content, leaseKey) ?? {};
    const end = holder?.S === part.incident ? Number(leasedUntil?.N) : 0;
    if (lastStep === null && has('late')) {
      const moments = [...(end > state.time ? [end - 1000, end + othersTurnMs] : []), ...(waits ? [state.time + longMs] : [])];
      for (const at of moments) {
        if (at <= state.time) continue;
        if (waits) add('wakes late', state, { place, until: at, lastStep }, 'late');
        else {
          const process = await happens({ kind: 'death', at, unbegun: step?.first === true });
          add('dies and comes back late', state, process, 'late');
        }
      }
    }
    if (step && !waits && has('late') && end > state.time && end + 1 <= step.at + longestStepMs)
      add('pauses in its operation', state, { place, until: end + 1, lastStep }, 'late');
    if (lastStep === null && has('stops')) {
      let stopped = state;
      for (const [index, one] of parts.entries()) {
        if (one.startedBy === 'death' && one.incident === part.incident) stopped = await startPart(stopped, index);
      }
      add('is stopped', stopped, 'gone', 'stops');
      if (step && !waits)
        add('is stopped, and finishes its operation', stopped, { place, until: state.time, lastStep: step.number }, 'stops');
    }
    return ways;
  };

  const search = async (): Promise<Found> => {
    let level = new Map<string, { state: State; paths: number }>();
    const first = await initial();
    level.set(keyOf(first), { state: first, paths: 1 });
    const found: Found = { states: 0, schedules: 0, violation: null };
    const objects = (state: State, objections: readonly string[]): boolean => {
      const [objection] = objections;
      if (objection !== undefined) found.violation = { objection, schedule: tellSchedule(state, parts) };
      return objection !== undefined;
    };
    while (level.size > 0) {
      const nextLevel: typeof level = new Map();
      for (const { state, paths } of level.values()) {
        found.states++;
        const ready = state.processes.flatMap((one, own) =>
          one !== null && one !== 'gone' && !isOver(one) && one.until <= state.time ? [{ own, one }] : [],
        );
        if (ready.length === 0) {
          found.schedules += paths;
          if (objects(state, atTheEnd(state, { table, parts, incidents }))) return found;
          continue;
        }
        // Each is asked, so that all uses are known.
        const [alone] = ready.filter(({ own, one }) => !concernsOthers(state, own, one.place));
        for (const { own, one } of alone ? [alone] : ready) {
          for (const { move, next } of await waysOf(state, own, one)) {
            const settled = settle({ ...next, before: { state, move } });
            if (objects(settled, objectionsTo(state, move, next, { table, parts, incidents }))) return found;
            const key = keyOf(settled);
            const known = nextLevel.get(key);
            if (known) known.paths += paths;
            else nextLevel.set(key, { state: settled, paths });
          }
        }
      }
      level = nextLevel;
    }
    return found;
  };

  for (;;) {
    added = false;
    const found = await search();
    if (!added || found.violation) return found;
  }
};
