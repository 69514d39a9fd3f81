import type { Random } from '../world/random.ts';
import { type Process, thisProcess } from './process.ts';

/**
 * Lets processes that run side by side call AWS one at a time, in an order that is drawn: every interleaving of their calls can come
 * up, and the same seed gives the same one. A call goes through only when every living process waits at the gate.
 */
export type Gate = {
  begin(process: Process): void;
  end(process: Process): void;
  /** Awaited before each call that a process makes. */
  enter(): Promise<void>;
};

export const createGate = (random: Random): Gate => {
  /** Living processes in the order in which they began, with what each waits for. */
  const waiting = new Map<Process, (() => void)[]>();
  let checking = false;

  const everybodyWaits = () => waiting.size > 0 && [...waiting.values()].every((calls) => calls.length > 0);

  /** A process may send several calls at once; they all arrive within the turn. */
  const check = (): void => {
    if (checking || !everybodyWaits()) return;
    checking = true;
    setImmediate(() =>
      setImmediate(() => {
        checking = false;
        if (!everybodyWaits()) return;
        const calls = random.pick([...waiting.values()]);
        calls.shift()?.();
      }),
    );
  };

  return {
    begin: (process) => {
      waiting.set(process, []);
    },
    end: (process) => {
      waiting.delete(process);
      check();
    },
    enter: () => {
      const process = thisProcess();
      const calls = process && waiting.get(process);
      if (!calls) return Promise.resolve();
      return new Promise((resolve) => {
        calls.push(resolve);
        check();
      });
    },
  };
};
