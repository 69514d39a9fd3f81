import type { Io } from '../cli/command.ts';
import { createStyle, plain, type Style } from '../terminal/style.ts';

/** As for a terminal; in a pipe nothing is broken into lines. */
export const operateStyle = ({ stdout, env }: Io): Style => {
  const style = createStyle(stdout, env);
  if (stdout.isTTY) return style;
  return { ...style, width: Number.POSITIVE_INFINITY, wrap: (text, _indent, head = '') => head + plain(text) };
};

/** `2026-03-02 09:33`, in UTC. */
export const minuteOf = (at: number | string): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
