import { setImmediate } from 'node:timers/promises';
import type { Host } from '../testbed/host.ts';

/**
 * How fast simulated time goes by, and how far. `advance` lets a world go on until `done` says so, or its clock reaches `until`, or
 * nobody wants to see more; true only if `done` said so.
 */
export type Pace = {
  advance(host: Host, done: () => boolean, until: number): Promise<boolean>;
  /** Nobody wants to see more of this world: it was interrupted, or has reached the time that was asked for. */
  over(host: Host): boolean;
};

type PaceOptions = {
  /** Simulated seconds in a real one; as fast as it goes, where it is left out. */
  speed?: number;
  /** Where simulated time ends, in milliseconds since the epoch; given the world's beginning. */
  until?: (began: number) => number;
  /** True once somebody has interrupted it. */
  interrupted?: () => boolean;
  /** Milliseconds on a clock that only goes forward, and how to wait for some. */
  now?: () => number;
  sleep?: (milliseconds: number) => Promise<void>;
  /** Told now and then where a world is. */
  onTime?: (at: number) => void;
};

const minute = 60_000;
/** In real time: how long a pause is at most, so that an interruption is soon noticed. */
const longestPause = 250;

export const createPace = (options: PaceOptions = {}): Pace => {
  const { speed, until: end, interrupted = () => false, onTime } = options;
  const { now = () => performance.now(), sleep = (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds)) } =
    options;
  /** Where each world began, in its time and in ours. */
  const began = new WeakMap<Host, { simulated: number; real: number }>();

  const beginningOf = (host: Host) => {
    const known = began.get(host) ?? { simulated: host.aws.world.clock.now(), real: now() };
    began.set(host, known);
    return known;
  };
  const over: Pace['over'] = (host) => {
    const { simulated } = beginningOf(host);
    return interrupted() || (end !== undefined && host.aws.world.clock.now() >= end(simulated));
  };

  return {
    over,
    advance: async (host, done, until) => {
      const { clock } = host.aws.world;
      const start = beginningOf(host);
      const last = end === undefined ? until : Math.min(until, end(start.simulated));
      const slice = speed === undefined ? 30 * minute : Math.max(100, longestPause * speed);
      for (;;) {
        // A simulated world never waits for anything, so it must let others have a turn: signals, above all.
        await setImmediate();
        if (interrupted()) return false;
        if (await host.run(done, Math.min(last, clock.now() + slice))) return true;
        onTime?.(clock.now());
        if (clock.now() >= last) return false;
        if (speed === undefined) continue;
        for (;;) {
          const ahead = (clock.now() - start.simulated) / speed - (now() - start.real);
          if (ahead <= 0 || interrupted()) break;
          await sleep(Math.min(ahead, longestPause));
        }
      }
    },
  };
};
