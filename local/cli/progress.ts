import type { Io } from './command.ts';

/** One line that is written over and over, on a terminal; nothing at all in a pipe. */
export const progressOn = (out: Io['stderr']) => {
  let shown = false;
  let last = 0;
  return {
    show: (text: string) => {
      if (!out.isTTY) return;
      // Simulated time runs thousands of times faster than anybody reads.
      const now = performance.now();
      if (now - last < 80) return;
      last = now;
      shown = true;
      out.write(`\r\u001b[2K${text.slice(0, (out.columns ?? 80) - 1)}`);
    },
    clear: () => {
      if (shown) out.write('\r\u001b[2K');
      shown = false;
    },
  };
};
