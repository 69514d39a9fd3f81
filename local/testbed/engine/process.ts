import { AsyncLocalStorage } from 'node:async_hooks';

/** A function's process, as far as it can die. `name` is that of the execution it works for. */
export type Process = { readonly name: string; dead: boolean; die(): void };

const current = new AsyncLocalStorage<Process>();

/** Runs `run`, and all that it starts, as the given process. */
export const runAs = <T>(process: Process, run: () => T): T => current.run(process, run);

/** The process that this code runs in, if it is a function's. */
export const thisProcess = (): Process | undefined => current.getStore();

/** What a dead process does from now on: nothing. Await it wherever a process touches the world outside. */
export const alive = (): Promise<void> => (current.getStore()?.dead ? new Promise(() => {}) : Promise.resolve());
