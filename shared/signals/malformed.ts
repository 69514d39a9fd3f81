/** A record that can't be understood: the field that is wrong, and what is wrong with it. Caught by `decode`, which rejects that one record. */
export class Malformed extends Error {
  readonly code = 'MALFORMED';

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.name = 'Malformed';
  }
}

/** A short, printable excerpt of something that came from outside, so that an error can show it without flooding or forging a log line. */
export const excerpt = (value: unknown, most = 60): string => {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value));
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  // The JSON of an object is already escaped; a text still has to be.
  return (typeof value === 'string' ? JSON.stringify(cut) : cut).replace(invisible, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
};

const invisible = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
