/**
 * Characters that nobody sees, and that could make a text look like another one: controls, marks that turn the direction of writing,
 * letters and joiners of no width.
 * https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 * https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const deceptive = /[\p{Cc}\u2800\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]+/gu;
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]+/gu;

/** Text from outside as one bounded line that says what it seems to say. `limit` is in characters. */
export const plainLine = (text: string, limit: number): string => {
  const line = [...text.toWellFormed().replace(deceptive, ' ').replace(/\s+/g, ' ').trim()];
  return line.length > limit ? `${line.slice(0, limit - 1).join('')}…` : line.join('');
};

/** For `JSON.stringify`: a log says what it seems to say. Controls are escaped by JSON itself. */
export const withoutInvisible = (_: string, value: unknown): unknown => (typeof value === 'string' ? value.replace(invisible, '') : value);

/** A dot, or what a browser takes for one in the name of a host. https://www.unicode.org/reports/tr46/#Notation */
const dots = /[.。．｡﹒․]/gu;

/** What may stand behind a dot that ends something: a space or punctuation. A name of a host goes on with something else. */
const ends = /^(?![-_])[\s\p{P}]/u;

/**
 * Text in which no mail program, phone or chat finds a link, whoever chose the names in it. A dot that something follows is written
 * `[.]`, as is usual for what must not be followed: only one between two digits (a time, a version, a measurement) stays, since no
 * domain ends in a number. So `m7i.large` is written so, too: what is a domain changes with every new one. Two slashes stand apart,
 * and so does what comes after `mailto:` and its like. For prose alone: it is no longer the name itself.
 */
export const withoutLinks = (text: string): string =>
  text
    .replace(dots, (dot, at: number) => {
      const [before = '', after = ''] = [text[at - 1], String.fromCodePoint(text.codePointAt(at + 1) ?? 0x20)];
      const kept = (dot === '.' && /[0-9]/.test(before) && /[0-9]/.test(after)) || ends.test(after);
      return kept ? dot : '[.]';
    })
    .replace(/(?<=[/\\／])(?=[/\\／])/gu, ' ')
    .replace(/:(?=\/ )/g, ': ')
    .replace(/\b(mailto|tel|sms|facetime|callto|sip|magnet|data|javascript):(?=\S)/gi, '$1: ');

/** `2026-03-02 09:05 UTC`; `at` in milliseconds since the epoch. */
export const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
