import { plainLine, withoutLinks } from '../model/text.ts';

/** SNS takes subjects and attributes best as printable ASCII. */
export const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').trim();

/** In characters: what a line may hold that came from outside. */
const lineLimit = 600;

/** One line without links, the marks of what was a link included in its limit. */
const unlinked = (text: string, limit: number): string => plainLine(withoutLinks(plainLine(text, limit)), limit);

/**
 * Text from outside as one line in which no mail program, phone or chat finds a link: names of alarms and groups are chosen by
 * whoever may choose them, and a message of ours must not carry his links.
 */
export const lineOf = (text: string, limit = lineLimit): string => unlinked(text, limit).replace(/@/g, '[at]');

/** Characters of the extension table count twice, and a back quote isn't there at all: one that isn't makes the whole text UCS-2. */
const lookalikes: Readonly<Record<string, string>> = {
  '[': '(',
  ']': ')',
  '{': '(',
  '}': ')',
  '|': '/',
  '\\': '/',
  '~': '-',
  '^': "'",
  '`': "'",
  '…': '...',
  '–': '-',
  '’': "'",
};

/**
 * Text as a phone gets it in the GSM 7-bit alphabet, a septet a character: what isn't in it becomes a question mark.
 * https://www.etsi.org/deliver/etsi_ts/123000_123099/123038/
 */
export const gsmText = (text: string): string => text.replace(/[^ -Z_a-z]/gu, (character) => lookalikes[character] ?? '?');

/** Text from outside as a line for phones. What is written otherwise for them must not become a link by that. */
export const smsLine = (text: string, limit = lineLimit): string => gsmText(lineOf(gsmText(text), limit));

/** What means something to the markup of Slack, Teams or Chime, as what only looks like it. */
const markup: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '&': '＆',
  '@': '＠',
  '`': "'",
  '*': '∗',
  '~': '∼',
  '|': '¦',
  '[': '［',
  ']': '］',
  '#': '＃',
};

/** Text from outside as one line of chat, never empty, that mentions nobody, links nowhere and looks like nothing else. */
export const chatLine = (text: string, limit = lineLimit): string =>
  unlinked(text, limit).replace(/[<>&@`*~|[\]#]/g, (character) => markup[character] ?? '?') || '?';

/** A name or an id, in which a chat turns nothing into pictures, people or links. */
export const chatName = (text: string, limit = 200): string => `\`${chatLine(text, limit)}\``;

/** As much of a text as there is room for, its cut shown. */
export const cut = (text: string, limit: number): string => (text.length > limit ? `${text.slice(0, limit - 3).toWellFormed()}...` : text);
