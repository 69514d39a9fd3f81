import { setImmediate } from 'node:timers/promises';
import { minuteMs } from '../../shared/model/duration.ts';
import type { Host } from '../testbed/host.ts';

/**
 * The speed and end of simulated time. `advance` runs a world until `done` returns true, its clock reaches `until`, or the user interrupts;
 * true only in the first case.
 */
export type Pace = {
  advance(host: Host, done: () => boolean, until: number): Promise<boolean>;
  /** Whether this world should end: it was interrupted or has reached the requested time. */
  over(host: Host): boolean;
};

type PaceOptions = {
  /** Simulated seconds per real second; as fast as possible if left out. */
  speed?: number;
  /** Where simulated time ends, in milliseconds since the epoch; given the world's beginning. */
  until?: (began: number) => number;
  /** True once the user has interrupted it. */
  interrupted?: () => boolean;
  /** Milliseconds on a clock that only goes forward, and how to wait for some. */
  now?: () => number;
  sleep?: (milliseconds: number) => Promise<void>;
  /** Called regularly with a world's time. */
  onTime?: (at: number) => void;
};

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
      const slice = speed === undefined ? 30 * minuteMs : Math.max(100, longestPause * speed);
      for (;;) {
        // A simulated world never waits, so it must yield to others, above all to signals.
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
