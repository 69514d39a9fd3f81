import type { Io } from '../cli/command.ts';

const cells = 20;

/** `[########............]  40 %`, in characters that every terminal has. It is full only at the end; `share` is from 0 to 1. */
export const barOf = (share: number): string => {
  const within = Math.min(1, Math.max(0, share));
  const full = Math.floor(within * cells);
  return `[${'#'.repeat(full)}${'.'.repeat(cells - full)}] ${String(Math.floor(within * 100)).padStart(3)} %`;
};

/** One line that is written over and over, on a terminal; nothing at all in a pipe. */
export const progressOn = (out: Io['stderr']) => {
  let shown = false;
  let last = 0;
  return {
    /** With a bar if the share is known. */
    show: (text: string, share?: number) => {
      if (!out.isTTY) return;
      // Simulated time runs thousands of times faster than people can read.
      const now = performance.now();
      if (now - last < 80) return;
      last = now;
      shown = true;
      const line = share === undefined || Number.isNaN(share) ? text : `${barOf(share)}  ${text}`;
      out.write(`\r\u001b[2K${line.slice(0, (out.columns ?? 80) - 1)}`);
    },
    clear: () => {
      if (shown) out.write('\r\u001b[2K');
      shown = false;
    },
  };
};
