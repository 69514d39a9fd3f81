import type { KnownPlace } from '../operate/places.ts';
import type { Style } from '../terminal/style.ts';
import { type Examined, isUnseen, verdictOf } from './examine.ts';

/** One line for a pipe. */
export const lineOf = ({ check, verdict, says, repair }: Examined): string =>
  [verdict, check, says, ...(repair === null ? [] : [repair])].join('  ').replaceAll('\n', ' ');

/**
 * A command in lines that fit, which a shell still takes for one: a backslash ends a line, at a space where there is one. What is in quotes
 * stays on one line.
 */
export const wrapCommand = (command: string, width: number, indent: string): string => {
  if (!Number.isFinite(width)) return command;
  const words = command.match(/(?:[^\s']|'[^']*')+/g) ?? [];
  const lines: string[] = [];
  let line = indent;
  for (let word of words) {
    if (line !== indent && line.length + 1 + word.length + 2 > width) {
      lines.push(`${line} \\`);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
    // In the middle of a word the next line begins where the margin is.
    while (line.length > width && !word.includes("'")) {
      lines.push(`${line.slice(0, width - 1)}\\`);
      word = line.slice(width - 1);
      line = word;
    }
  }
  return [...lines, line].join('\n');
};

const paintOf = ({ good, bad, warn }: Style) => ({ ok: good, broken: bad, unknown: warn });

/** A finding on a terminal, in lines that fit. */
export const blockOf = ({ check, verdict, says, repair }: Examined, style: Style): string => {
  const paint = paintOf(style)[verdict];
  const head = `${verdict.padEnd(7)}  ${check.padEnd(13)}  `;
  const text = style.wrap(says, 9, head).replace(verdict, paint(verdict));
  return repair === null ? text : `${text}\n${wrapCommand(repair, style.width, ' '.repeat(9))}`;
};

export const sumOf = (found: readonly Examined[]): string => {
  const count = (verdict: Examined['verdict']) => found.filter((one) => one.verdict === verdict).length;
  return `${count('ok')} ok, ${count('broken')} broken, ${count('unknown')} unknown`;
};

/** What is found of one account and region of several. */
export type PlaceFound = { place: KnownPlace; found: readonly Examined[] };

/** One line of JSON for a place. */
export const jsonOfPlace = ({ place, found }: PlaceFound): object => ({ ...place, verdict: verdictOf(found), found });

/** One line for a place: the worst of it, how much, where it is known from, and what to ask for the rest. */
export const placeLine = ({ place, found }: PlaceFound): string => {
  const { account, region, from } = place;
  const verdict = verdictOf(found);
  const first = found.find((one) => one.verdict === 'broken') ?? found.find(isUnseen);
  const told = first === undefined ? [] : [`${first.check}: ${first.says}`];
  return [verdict.padEnd(7), account, region, sumOf(found), `known by ${from.join(', ')}`, ...told].join('  ').replaceAll('\n', ' ');
};

/** The same on a terminal, in lines that fit. */
export const placeBlock = (one: PlaceFound, style: Style): string => {
  const verdict = verdictOf(one.found);
  return style.wrap(placeLine(one), 9).replace(verdict, paintOf(style)[verdict]);
};
