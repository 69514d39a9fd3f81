import type { Random } from '#local-aws';
import { type Process, thisProcess } from './process.ts';

/**
 * Lets processes that run side by side call AWS one at a time, in an order that is drawn: every interleaving of their calls can come
 * up, and the same seed gives the same one. A call goes through only when every living process waits at the gate.
 */
export type InterleavingScheduler = {
  begin(process: Process): void;
  end(process: Process): void;
  /** Makes a call when its turn has come; at once if no process makes it. */
  pass<T>(call: () => Promise<T>): Promise<T>;
};

export const createInterleavingScheduler = (random: Random): InterleavingScheduler => {
  /** Living processes in the order in which they began, with the calls that each waits to make. */
  const waiting = new Map<Process, (() => void)[]>();
  /** Whose call is under way. One that dies in it never comes back. */
  let calling: Process | undefined;

  const everybodyWaits = () => !calling && waiting.size > 0 && [...waiting.values()].every((calls) => calls.length > 0);

  /** A process may send several calls at once, and they arrive one after the other: they get a moment for that. */
  const check = (): void => {
    if (!everybodyWaits()) return;
    setImmediate(() =>
      setImmediate(() => {
        if (!everybodyWaits()) return;
        const [process, calls] = random.pick([...waiting]);
        calling = process;
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
      if (calling === process) calling = undefined;
      check();
    },
    pass: async (call) => {
      const process = thisProcess();
      const calls = process && waiting.get(process);
      if (!calls) return call();
      await new Promise<void>((resolve) => {
        calls.push(resolve);
        check();
      });
      try {
        return await call();
      } finally {
        if (calling === process) calling = undefined;
        check();
      }
    },
  };
};
