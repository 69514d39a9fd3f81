import type { Io } from './command.ts';

export type Style = {
  width: number;
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  /** Breaks a text at spaces so that it fits the width; every further line gets `indent` spaces. */
  wrap(text: string, indent?: number): string;
};

/** Control characters would let a hostile tag or alarm name rewrite what the reader sees. */
export const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

/** Colour on a terminal only, and never where NO_COLOR is set (https://no-color.org). */
export const createStyle = (out: Io['stdout'], env: Io['env']): Style => {
  const colour = out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  const paint = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const width = Math.min(120, Math.max(40, out.columns ?? 80));
  return {
    width,
    bold: paint(1),
    dim: paint(2),
    good: paint(32),
    warn: paint(33),
    bad: paint(31),
    wrap: (text, indent = 0) => {
      const lines: string[] = [];
      let line = '';
      for (const word of plain(text).split(' ')) {
        const room = width - (lines.length === 0 ? 0 : indent);
        if (line !== '' && line.length + 1 + word.length > room) {
          lines.push(line);
          line = word;
        } else line = line === '' ? word : `${line} ${word}`;
      }
      lines.push(line);
      return lines.join(`\n${' '.repeat(indent)}`);
    },
  };
};
