import type { Checked, Durable } from '../../shared/ports/durable.ts';
import { type Answer, createNumbering, give } from './answer.ts';
import type { TableCommand } from './table.ts';

/** What a process asks of the outside; nothing else of it can be seen there. */
export type Request =
  | { kind: 'table'; command: TableCommand }
  /** A call that changes the resource. */
  | { kind: 'act'; call: string }
  | { kind: 'look' }
  /** A message, by its content. */
  | { kind: 'tell'; incident: string; text: string }
  /** Starts the execution of that name. */
  | { kind: 'start'; name: string }
  /** Which executions have ended badly. */
  | { kind: 'list' }
  | { kind: 'wait'; seconds: number }
  | { kind: 'end'; failure: string | null };

/**
 * What happens to a process, with the time in milliseconds since the epoch. A dead one begins again with what it had checkpointed;
 * `unbegun`: it died before its operation had begun.
 */
type Event = { kind: 'answer'; answer: Answer; at: number } | { kind: 'death'; at: number; unbegun: boolean };

/** How a program sees the outside. Its time is that of the last answer: it takes none itself. */
export type Outside = { ask: (request: Request) => Promise<unknown>; now: () => number; durable: Durable };

/** What a process runs: the same answers at the same times lead to the same requests. */
export type Program = (outside: Outside) => Promise<unknown>;

/** A durable operation by its number, when it began, whether it may run twice, and whether this is its first request. */
export type Step = { number: number; at: number; once: boolean; first: boolean };

/** A place that a process can be at: after the same history. */
export type Place = {
  readonly id: number;
  readonly request: Request;
  /** The durable operation that makes the request; null outside of one. */
  readonly step: Step | null;
  readonly at: number;
  /** The place before, and what happened there; null at the start. */
  readonly before: { place: Place; event: Event } | null;
  readonly next: Map<string | number, Place>;
};

/** What the durable engine keeps of an operation: that it has begun, or its result. */
type Kept = { result: string } | 'begun';

/** A poll as a step for each check, with waits between them: it can die where a poll can. */
export const pollBySteps = async <T>(
  keep: (run: () => Promise<Checked<T>>) => Promise<Checked<T>>,
  wait: (seconds: number) => Promise<void>,
  check: (before: T | null, count: number) => Promise<Checked<T>>,
): Promise<{ value: T; count: number }> => {
  let before: T | null = null;
  for (let count = 1; ; count++) {
    const known: T | null = before;
    const { value, again } = await keep(() => check(known, count));
    if (again === null) return { value, count };
    await wait(again);
    before = value;
  }
};

/** One life after the other of one process. */
const createRun = (program: Program, start: number) => {
  const kept: Kept[] = [];
  let time = start;
  let step: Step | null = null;
  let pending: ((answer: Answer) => void) | undefined;
  let arrive: (request: Request) => void = () => {};
  let refuse: (error: Error) => void = () => {};
  const arrival = (go: () => void): Promise<Request> =>
    new Promise((resolve, reject) => {
      arrive = resolve;
      refuse = reject;
      go();
    });

  const live = (): Promise<Request> => {
    let number = 0;
    pending = undefined;
    const ask = (request: Request): Promise<unknown> => {
      if (pending) refuse(new Error('a process makes one request at a time'));
      return new Promise((resolve, reject) => {
        pending = (answer) => {
          try {
            resolve(give(answer));
          } catch (error) {
            reject(error);
          }
        };
        arrive(request);
      });
    };
    const keep = async <T>(run: () => Promise<T>, again: (() => Promise<T>) | null): Promise<T> => {
      const own = number++;
      const before = kept[own];
      if (before && before !== 'begun') return (before.result === undefined ? undefined : JSON.parse(before.result)) as T;
      kept[own] = 'begun';
      step = { number: own, at: time, once: again !== null, first: true };
      const result = await (before === 'begun' && again ? again() : run());
      step = null;
      kept[own] = { result: JSON.stringify(result ?? null) };
      return result;
    };
    const wait = (seconds: number) => keep(async () => void (await ask({ kind: 'wait', seconds })), null);
    const durable: Durable = {
      step: (_, run) => keep(run, null),
      once: <T>(_: string, run: () => Promise<T>) => keep<T | null>(run, async () => null),
      wait: (_, seconds) => wait(seconds),
      poll: (_, check) => pollBySteps((run) => keep(run, null), wait, check),
      callback: () => Promise.reject(new Error('nobody is asked')),
    };
    return arrival(() => {
      void program({ ask, now: () => time, durable })
        .then(
          () => null,
          (error: Error) => error.message,
        )
        .then((failure) => {
          arrive({ kind: 'end', failure });
        });
    });
  };

  return {
    step: () => step,
    begin: live,
    happen: (event: Event): Promise<Request> => {
      time = event.at;
      if (event.kind === 'death') {
        if (step && event.unbegun) kept.length = step.number;
        step = null;
        return live();
      }
      if (step) step = { ...step, first: false };
      const answered = pending;
      if (!answered) throw new Error('nothing was asked');
      pending = undefined;
      return arrival(() => answered(event.answer));
    },
  };
};

type Run = ReturnType<typeof createRun>;

/**
 * A program as an automaton that unfolds as it is explored: a place for each history that a process of it may have. The program runs once
 * for each place, from its start where needed.
 */
export const createAutomaton = (program: Program) => {
  const numberOf = createNumbering();
  let places = 0;
  /** The process that has just come to a place; the first that goes on from there is this one, later ones live through it all again. */
  const arrived = new WeakMap<Place, Run>();
  const begun = new Map<number, Promise<Place>>();
  const reached = (run: Run, request: Request, at: number, before: Place['before']): Place => {
    const place: Place = { id: places++, request, step: run.step(), at, before, next: new Map() };
    arrived.set(place, run);
    return place;
  };
  const liveThrough = async (place: Place): Promise<Run> => {
    const events: Event[] = [];
    let first = place;
    for (; first.before; first = first.before.place) events.push(first.before.event);
    const run = createRun(program, first.at);
    await run.begin();
    for (const event of events.reverse()) await run.happen(event);
    return run;
  };
  return {
    start: (at: number): Promise<Place> => {
      const known = begun.get(at);
      if (known) return known;
      const run = createRun(program, at);
      const place = run.begin().then((request) => reached(run, request, at, null));
      begun.set(at, place);
      return place;
    },
    /** The place after an event; a promise only where no process has been there. */
    after: (place: Place, event: Event): Place | Promise<Place> => {
      const name = event.kind === 'death' ? -event.at : `${event.at} ${numberOf(event.answer)}`;
      const known = place.next.get(name);
      if (known) return known;
      const goOn = async (): Promise<Place> => {
        const run = arrived.get(place) ?? (await liveThrough(place));
        arrived.delete(place);
        const next = reached(run, await run.happen(event), event.at, { place, event });
        place.next.set(name, next);
        return next;
      };
      return goOn();
    },
  };
};

export type Automaton = ReturnType<typeof createAutomaton>;
