import { thisProcess } from './process.ts';

/** How long the durable SDK waits for another operation before it suspends an execution, in milliseconds. */
const cooldown = 20;

const { setTimeout: setReal, clearTimeout: clearReal } = globalThis;
const turns = new WeakSet<object>();

/**
 * Makes the SDK's cooldown a turn of the event loop for functions that run in this process: what it waits for is the code that follows an
 * operation, which on a simulated clock takes no time. Other timers are as they were.
 */
export const skipCooldown = (): void => {
  const set = (run: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => {
    if (delay !== cooldown || !thisProcess()) return setReal(run, delay, ...args);
    const turn = setImmediate(run, ...args);
    turns.add(turn);
    return turn;
  };
  const clear = (timer: Parameters<typeof clearReal>[0]) => {
    if (typeof timer === 'object' && turns.has(timer)) clearImmediate(timer as unknown as NodeJS.Immediate);
    else clearReal(timer);
  };
  globalThis.setTimeout = Object.assign(set as unknown as typeof setReal, setReal);
  globalThis.clearTimeout = clear;
};
