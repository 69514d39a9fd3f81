import { AsyncLocalStorage } from 'node:async_hooks';

/** A function's process, which can die. `name` is that of its execution. */
export type Process = { readonly name: string; dead: boolean; die(): void };

const current = new AsyncLocalStorage<Process>();

/** Runs `run`, and all that it starts, as the given process. */
export const runAs = <T>(process: Process, run: () => T): T => current.run(process, run);

/** The process that this code runs in, if it is a function's. */
export const thisProcess = (): Process | undefined => current.getStore();

/** Never resolves in a dead process. Await it wherever a process touches the outside world. */
export const alive = (): Promise<void> => (current.getStore()?.dead ? new Promise(() => {}) : Promise.resolve());
