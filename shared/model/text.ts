/**
 * Invisible characters that could make a text look like another: controls, bidirectional marks, zero-width letters and joiners.
 * https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 * https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const deceptive = /[\p{Cc}\u2800\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]+/gu;
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]+/gu;

/** External text as one bounded line without invisible characters. `limit` is in characters. */
export const plainLine = (text: string, limit: number): string => {
  const line = [...text.toWellFormed().replace(deceptive, ' ').replace(/\s+/g, ' ').trim()];
  return line.length > limit ? `${line.slice(0, limit - 1).join('')}…` : line.join('');
};

/** A replacer for `JSON.stringify` that drops invisible characters from strings. JSON itself escapes controls. */
export const withoutInvisible = (_: string, value: unknown): unknown => (typeof value === 'string' ? value.replace(invisible, '') : value);

/** A dot, or a character that browsers treat as one in host names. https://www.unicode.org/reports/tr46/#Notation */
const dots = /[.\u3002\uff0e\uff61\ufe52\u2024]/gu;

/** What may follow a dot that ends a sentence: a space or punctuation. A host name goes on with something else. */
const sentenceEnd = /^(?![-_])[\s\p{P}]/u;

/**
 * Defangs text: no mail program, phone or chat turns any of it into a link, whoever chose the names in it. A dot followed by text is
 * written `[.]`. A dot between two digits stays (a time, a version, a measurement), since no domain ends in a number. `m7i.large` is
 * defanged too, because the list of top-level domains keeps growing. Double slashes are split, and so is what follows `mailto:` and similar
 * schemes. For prose only: names in it are changed.
 */
export const withoutLinks = (text: string): string =>
  text
    .replace(dots, (dot, at: number) => {
      const [before = '', after = ''] = [text[at - 1], String.fromCodePoint(text.codePointAt(at + 1) ?? 0x20)];
      const kept = (dot === '.' && /[0-9]/.test(before) && /[0-9]/.test(after)) || sentenceEnd.test(after);
      return kept ? dot : '[.]';
    })
    .replace(/(?<=[/\\\uff0f])(?=[/\\\uff0f])/gu, ' ')
    .replace(/:(?=\/ )/g, ': ')
    .replace(/\b(mailto|tel|sms|facetime|callto|sip|magnet|data|javascript):(?=\S)/gi, '$1: ');

/** Formats milliseconds since the epoch as `2026-03-02 09:05 UTC`. */
export const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
