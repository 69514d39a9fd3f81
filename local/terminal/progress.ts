import type { Io } from '../cli/command.ts';
import { plain } from './style.ts';

const cells = 20;

/** `[########............]  40 %`, in characters that every terminal has. It is full only at the end; `share` is from 0 to 1. */
export const barOf = (share: number): string => {
  const within = Math.min(1, Math.max(0, share));
  const full = Math.floor(within * cells);
  return `[${'#'.repeat(full)}${'.'.repeat(cells - full)}] ${percentOf(within)}`;
};

const percentOf = (within: number): string => `${String(Math.floor(within * 100)).padStart(3)} %`;

/** In a terminal too narrow for all of it, the bar goes first, then what stands behind a comma, and then the end of the text. */
const fitted = (text: string, share: number | undefined, room: number): string => {
  const line = plain(text).replace(/\s+/g, ' ');
  if (share === undefined || Number.isNaN(share)) return line.length > room ? `${line.slice(0, room - 1)}…` : line;
  const whole = `${barOf(share)}  ${line}`;
  if (whole.length <= room) return whole;
  const parts = line.split(', ');
  const short = () => `${percentOf(Math.min(1, Math.max(0, share))).trimStart()}  ${parts.join(', ')}`;
  while (parts.length > 1 && short().length > room) parts.pop();
  return short().length > room ? `${short().slice(0, room - 1)}…` : short();
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
      // The width is asked for each time, as the terminal may have another one by now; its last column would begin a new line in some.
      out.write(`\r\u001b[2K${fitted(text, share, (out.columns ?? 80) - 1)}`);
    },
    clear: () => {
      if (shown) out.write('\r\u001b[2K');
      shown = false;
    },
  };
};
