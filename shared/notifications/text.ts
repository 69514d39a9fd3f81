import { plainLine, withoutLinks } from '../model/text.ts';

/** Reduces text to printable ASCII, for SNS subjects and attributes. */
export const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').trim();

/** The maximum length of external text in a line, in characters. */
const lineLimit = 600;

/** One line without links; the limit includes the characters added by defanging. */
const unlinked = (text: string, limit: number): string => plainLine(withoutLinks(plainLine(text, limit)), limit);

/**
 * External text as one line without links for mail programs, phones or chats: anyone can choose the names of alarms and groups, and our
 * messages must not carry their links.
 */
export const lineOf = (text: string, limit = lineLimit): string => unlinked(text, limit).replace(/@/g, '[at]');

/**
 * Replacements for GSM extension characters, which count twice, and the backquote, which is missing: a single character outside the
 * alphabet would make the whole message UCS-2.
 */
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
 * Text in the GSM 7-bit alphabet, one septet per character; other characters become question marks.
 * https://www.etsi.org/deliver/etsi_ts/123000_123099/123038/
 */
export const gsmText = (text: string): string => text.replace(/[^ -Z_a-z]/gu, (character) => lookalikes[character] ?? '?');

/** External text as one line for phones. The conversion must not create links. */
export const smsLine = (text: string, limit = lineLimit): string => gsmText(lineOf(gsmText(text), limit));

/** Lookalikes of characters with a meaning in the markup of Slack, Teams or Chime. */
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

/** External text as one non-empty line of chat, without mentions, links or markup. */
export const chatLine = (text: string, limit = lineLimit): string =>
  unlinked(text, limit).replace(/[<>&@`*~|[\]#]/g, (character) => markup[character] ?? '?') || '?';

/** A name or id as code, so that a chat doesn't convert any of it. */
export const chatName = (text: string, limit = 200): string => `\`${chatLine(text, limit)}\``;

/** Truncates a text and marks the cut. */
export const cut = (text: string, limit: number): string => (text.length > limit ? `${text.slice(0, limit - 3).toWellFormed()}...` : text);
