import { SelfhealError } from './errors.ts';

/** An unreadable record: which field is wrong, and why. `decode` catches it and rejects that one record. */
export class MalformedEventError extends SelfhealError {
  override readonly name = 'Malformed';
  readonly code = 'MALFORMED';

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
  }
}

/**
 * A short, printable excerpt of external input, so that an error can show it without flooding or forging a log line. Its cost depends on
 * `most` only, however large and deep the value is.
 */
export const excerpt = (value: unknown, most = 60): string => {
  const cut = (text: string) => (text.length > most ? `${text.slice(0, most)}…` : text);
  const shown = typeof value === 'string' ? JSON.stringify(cut(value)) : cut(render(value, most));
  return shown.replace(invisible, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
};

/** The first `most` characters of a value's JSON, possibly a few more. */
const render = (value: unknown, most: number): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, most + 1));
  if (typeof value !== 'object' || value === null) return String(JSON.stringify(value));
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  for (const [key, part] of Object.entries(isList ? value.slice(0, most) : value)) {
    const left = most - text.length;
    if (left < 0) return text;
    text += `${text.length > 1 ? ',' : ''}${isList ? '' : `${render(key, left)}:`}${render(part, left)}`;
  }
  return text + (isList ? ']' : '}');
};

const invisible = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
