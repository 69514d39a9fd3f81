import type { Io } from '../cli/command.ts';

export type Style = {
  /** In characters: of the terminal, at most 120; infinite in a pipe, where nothing is broken into lines. */
  width: number;
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  /**
   * Breaks a text at spaces, and words that no line has room for, so that it fits the width. `head` stands before it on the first
   * line; every further line gets `indent` spaces. Where fewer than 20 characters are left beside a head or an indent, the text stands below.
   */
  wrap(text: string, indent?: number, head?: string): string;
};

/** Control characters would let a hostile tag or alarm name rewrite what the reader sees. */
export const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

/** Colour on a terminal only, and never where NO_COLOR is set (https://no-color.org). */
export const createStyle = (out: Io['stdout'], env: Io['env']): Style => {
  const colour = out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  const paint = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const width = out.isTTY ? Math.min(120, Math.max(40, out.columns ?? 80)) : Number.POSITIVE_INFINITY;
  const wrap: Style['wrap'] = (text, indent = 0, head = '') => {
    if (width - Math.max(indent, head.length) < 20)
      return [...(head.trim() === '' ? [] : [head.trimEnd()]), wrap(text, 4, '    ')].join('\n');
    const lines: string[] = [];
    const room = () => width - (lines.length === 0 ? head.length : indent);
    let line = '';
    for (const word of plain(text).split(' ')) {
      if (line !== '' && line.length + 1 + word.length > room()) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
      while (line.length > room()) {
        const most = room();
        lines.push(line.slice(0, most));
        line = line.slice(most);
      }
    }
    lines.push(line);
    return head + lines.join(`\n${' '.repeat(indent)}`);
  };
  return {
    width,
    bold: paint(1),
    dim: paint(2),
    good: paint(32),
    warn: paint(33),
    bad: paint(31),
    wrap,
  };
};
