import { setTimeout as sleep } from 'node:timers/promises';
import type { Io } from '../cli/command.ts';
import { interruptedCode, interruptedLine, interruptible, unlessInterrupted } from '../terminal/interrupt.ts';

/** Between two looks, in milliseconds. */
const interval = 2000;

/** What a look shows: all of it for a terminal, and for a pipe a line for each thing, by its name. */
export type Look = { screen: string; lines: ReadonlyMap<string, string> };

/**
 * Looks again and again until it is told to stop. A terminal is drawn anew; in a pipe each line comes once, and again whenever it has
 * changed.
 */
export const watchUntil = async (
  { stdout }: Pick<Io, 'stdout'>,
  look: () => Promise<Look>,
  signal: AbortSignal,
  pause = interval,
): Promise<void> => {
  const told = new Map<string, string>();
  while (!signal.aborted) {
    const { screen, lines } = await look();
    if (signal.aborted) return;
    // Erased line by line, so that nothing flickers.
    if (stdout.isTTY) stdout.write(`\u001b[H${screen.replaceAll('\n', '\u001b[K\n')}\u001b[K\n\u001b[J`);
    for (const [name, line] of stdout.isTTY ? [] : lines) {
      if (told.get(name) !== line) stdout.write(`${line}\n`);
      told.set(name, line);
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
};

/** The same until Ctrl-C; returns the exit code that belongs to it. */
export const watchUntilInterrupted = (io: Io, json: boolean, look: () => Promise<Look>): Promise<number> =>
  interruptible(async (signal) => {
    await unlessInterrupted(watchUntil(io, look, signal), signal);
    if (json) io.stdout.write(interruptedLine());
    return interruptedCode;
  });
