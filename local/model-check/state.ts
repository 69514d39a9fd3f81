import type { Answer } from './answer.ts';
import type { Place, Request } from './process.ts';
import type { World } from './programs.ts';

/** How many faults of each kind one schedule has at most, and how many of all kinds together. */
export type Bound = { deaths: number; lost: number; late: number; stops: number; faults: number };
export type Fault = Exclude<keyof Bound, 'faults'>;

/** A process, by its place; it isn't ready before `until`. One that is stopped may still finish the operation that it is in. */
export type Process = { place: Place; until: number; lastStep: number | null };

/** A list with a number of its own, so that equal ones are known by it. */
export type List = { id: number; entries: readonly string[] };

/** A state of everything, and the shortest way that led to it. */
export type State = {
  time: number;
  content: number;
  world: World;
  /** By the part of the scenario; null before its start. */
  processes: readonly (Process | 'gone' | null)[];
  used: Readonly<Record<Fault, number>>;
  /** Calls that changed the resource: the number of the part and the call, in order. */
  acts: List;
  /** Messages, sorted. */
  told: List;
  before: { state: State; move: Move } | null;
};

/** What one process did, or what befell it. */
export type Move = {
  part: number;
  what:
    | 'goes on'
    | 'dies before'
    | 'dies after'
    | 'loses the answer'
    | 'wakes late'
    | 'dies and comes back late'
    | 'pauses in its operation'
    | 'is stopped'
    | 'is stopped, and finishes its operation';
  request: Request;
  at: number;
  /** What the request came to, whether or not the process heard of it; null where it wasn't made. */
  answer: Answer | null;
};
