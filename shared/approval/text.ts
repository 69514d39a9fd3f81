/**
 * Characters that could make a text look like another one: controls, and the marks that turn the direction of writing.
 * https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
const deceptive = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu;

/** Text from outside as one bounded line that says what it seems to say. `limit` is in characters. */
export const plainLine = (text: string, limit: number): string => {
  const line = [...text.toWellFormed().replace(deceptive, ' ').replace(/\s+/g, ' ').trim()];
  return line.length > limit ? `${line.slice(0, limit - 1).join('')}…` : line.join('');
};

/** `2026-03-02 09:05 UTC`; `at` in milliseconds since the epoch. */
export const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
