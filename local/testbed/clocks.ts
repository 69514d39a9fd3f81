import type { Clock, Random } from '#local-aws';
import { type Process, thisProcess } from './engine/process.ts';

/** Clocks of the machines that functions run on: each is off by what is drawn for it, up to `most` milliseconds either way. */
export const createClocks = (clock: Pick<Clock, 'now'>, random: Random, most: number) => {
  const draw = () => Math.round(random.between(-most, most));
  const ofProcess = new WeakMap<Process, number>();
  const ofFunction = new Map<string, number>();
  /** An execution may be resumed on another machine than the one that it began on. */
  const offset = (functionName: string): number => {
    const process = thisProcess();
    const known = process ? ofProcess.get(process) : ofFunction.get(functionName);
    if (known !== undefined) return known;
    const drawn = draw();
    if (process) ofProcess.set(process, drawn);
    else ofFunction.set(functionName, drawn);
    return drawn;
  };
  return {
    of: (functionName: string): (() => number) => (most === 0 ? clock.now : () => clock.now() + offset(functionName)),
  };
};
