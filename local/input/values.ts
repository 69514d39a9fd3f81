import { errorMessage } from '../../shared/model/errors.ts';
import { longestValue } from './limits.ts';
import { createScan, type Scan } from './scan.ts';

/** A JSON value out of a text, or why there is none. `at` is the line that it begins in, with the column where it stands behind another. */
export type Piece = { at: string; value: unknown } | { at: string; problem: string };

/** What a log puts before a message: a time and a space. */
const stamp = /^\d{4}-\d\d-\d\dT[\d:.]+Z?[^\S\n]+(?=[[{])/;
/** What may stand between two values. */
const between = /[\s,\ufeff]*/y;

/** In one short line: the parser quotes what it stumbled over, line breaks and all. */
const notJson = (error: unknown): string => `not JSON: ${errorMessage(error).replace(/\s+/g, ' ').slice(0, 200)}`;

const tooLong = `one JSON value of more than ${longestValue} characters; values on lines of their own have no such limit (jq -c)`;
const lineTooLong = `the line is longer than ${longestValue} characters`;

const opens = (text: string, at: number): boolean => text[at] === '{' || text[at] === '[';

/**
 * Takes a text apart into the JSON values that it consists of, however they stand in it: one a line, over many lines, or one behind
 * the other. A line that is cut off or is no JSON is told, and what follows it is read. Never holds more than one value.
 */
export const createValues = () => {
  /** What has not been taken yet: from the beginning of a value on, or within a line that is passed over. */
  let text = '';
  let line = 1;
  let column = 1;
  /** Of the value that `text` begins with, as far as `scanned`. */
  let scan: Scan | null = null;
  let scanned = 0;
  /** The value under way is too long to be kept, and only its end is looked for. */
  let dropping = false;
  /** The rest of the line is passed over, as far as the next value where `behind` says that they stand behind each other. */
  let passing = false;
  let behind = false;
  /** No value has been taken out of the line yet. */
  let fresh = true;
  let indented = false;
  /** The last value was broken: what is plainly a further line of it is not told again. */
  let torn = false;

  const drop = (count: number): void => {
    // Looked for in this part alone: the rest of a text without line breaks is long.
    const gone = text.slice(0, count);
    for (let newline = gone.indexOf('\n'); newline >= 0; newline = gone.indexOf('\n', newline + 1)) {
      line++;
      column = -newline;
    }
    column += count;
    text = text.slice(count);
  };
  const at = (): string => (fresh ? `${line}` : `${line}:${column}`);

  /** Leaves what is passed over behind; false if its end is not in the text at hand. */
  const pass = (): boolean => {
    const newline = text.indexOf('\n');
    const next = behind ? text.indexOf('}{') : -1;
    if (next >= 0 && (newline < 0 || next < newline)) drop(next + 1);
    else if (newline >= 0) {
      drop(newline + 1);
      [fresh, indented, behind] = [true, false, false];
    } else {
      // A closing brace may be the first half of what is looked for.
      drop(text.length - (text.endsWith('}') ? 1 : 0));
      return false;
    }
    passing = false;
    return true;
  };

  /** Goes to where the next value may begin; false if that is not in the text at hand. */
  const advance = (): boolean => {
    for (;;) {
      if (passing && !pass()) return false;
      between.lastIndex = 0;
      const blank = between.exec(text)?.[0] ?? '';
      if (blank.includes('\n')) [fresh, indented, behind] = [true, !blank.endsWith('\n'), false];
      else if (blank !== '') indented = true;
      drop(blank.length);
      if (text === '') return false;
      passing = fresh && torn && !opens(text, 0) && (indented || /^[\]}]/.test(text));
      if (!passing) return true;
    }
  };

  /** A value that stands alone in its line, by far the most usual, needs no scan. Null if it is none, or the line is not whole yet. */
  const wholeLine = (last: boolean): Piece | null => {
    const newline = text.indexOf('\n');
    if (newline < 0 && !last) return null;
    const end = newline < 0 ? text.length : newline;
    if (end > longestValue) return null;
    try {
      const piece = { at: at(), value: JSON.parse(text.slice(0, end)) as unknown };
      drop(end);
      return piece;
    } catch {
      return null;
    }
  };

  const broken = (stop: number): Piece => {
    const piece = { at: at(), problem: 'not JSON' };
    try {
      JSON.parse(text.slice(0, stop));
    } catch (error) {
      piece.problem = notJson(error);
    }
    [scan, passing, torn] = [null, true, true];
    return piece;
  };

  const ended = (end: number): Piece => {
    if (end > longestValue) return { at: at(), problem: tooLong };
    try {
      return { at: at(), value: JSON.parse(text.slice(0, end)) as unknown };
    } catch (error) {
      return { at: at(), problem: notJson(error) };
    }
  };

  function* take(last: boolean): Generator<Piece> {
    for (;;) {
      if (scan === null) {
        if (!advance()) return;
        if (fresh) {
          const piece = wholeLine(last);
          if (piece) {
            torn = false;
            yield piece;
            continue;
          }
          const stamped = stamp.exec(text)?.[0];
          if (stamped !== undefined) text = text.slice(stamped.length);
        }
        if (!opens(text, 0)) {
          const newline = text.indexOf('\n');
          const end = newline < 0 ? text.length : newline;
          if (newline < 0 && !last && end <= longestValue) return;
          if (end > longestValue) {
            yield { at: at(), problem: lineTooLong };
            passing = true;
          } else {
            yield broken(end);
            torn = false;
          }
          continue;
        }
        torn = false;
        [scan, scanned, dropping] = [createScan(), 0, false];
      }
      const found = scan.on(text, scanned);
      if (found === 'more') {
        if (last) {
          if (dropping) return;
          yield broken(text.length);
          continue;
        }
        if (!dropping && text.length > longestValue) {
          yield { at: at(), problem: tooLong };
          dropping = true;
        }
        if (dropping) drop(text.length);
        scanned = text.length;
        return;
      }
      if ('broken' in found) {
        if (dropping) {
          drop(found.broken);
          [scan, passing] = [null, true];
        } else yield broken(found.broken + 1);
        continue;
      }
      const piece = dropping ? null : ended(found.end);
      [scan, fresh, behind] = [null, false, true];
      drop(found.end);
      if (piece) yield piece;
    }
  }

  return {
    /** The values that are whole with this piece of text. To be taken, all of them, before the next piece is given. */
    push: (more: string): Generator<Piece> => {
      text += more;
      return take(false);
    },
    /** What is left where the text ends. */
    end: (): Generator<Piece> => take(true),
  };
};
