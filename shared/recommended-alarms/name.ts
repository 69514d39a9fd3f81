import { createHash } from 'node:crypto';
import type { What } from './watched.ts';

/** Set on every alarm that is made here: what has the name but not the tag is somebody else's, and is left alone. */
export const madeByTag = { Key: 'selfheal:made-by', Value: 'early-warning' } as const;

const mark = / \[not needed since (\S+); goes if the next run finds so, too\]$/;

/**
 * The description of an alarm that no longer seems to be needed says since when; it goes only if another run finds the same. One that is needed
 * again is given its own description back, like any that was changed.
 */
export const marked = (description: string | undefined, at: number): string =>
  `${(description ?? '').replace(mark, '')} [not needed since ${new Date(at).toISOString()}; goes if the next run finds so, too]`;

/** When it was marked, in milliseconds since the epoch; NaN where it wasn't. */
export const markedAt = (description: string | undefined): number => Date.parse(mark.exec(description ?? '')?.[1] ?? '');

/**
 * Alarms of early warning begin with this and not with `selfheal-`: alarms so called are about selfheal itself, and never reach intake.
 * The topic's name tells the stages of one account apart, each of which keeps its own alarms.
 */
export const prefixOf = (topicArn: string): string => `early-warning/${clip(topicArn.split(':').at(-1) ?? '', 60)}/`;

/** Short, and different for every text. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** A name as far as an alarm's may carry it. What is lost is made up for by a hash. */
const clip = (text: string, most: number): string => {
  const plain = text.replace(/[^\w.:/-]+/g, '_');
  if (plain === text && text.length <= most) return text;
  return `${plain.slice(0, most - 9)}-${hashOf(text)}`;
};

/**
 * With up to two parts of any length and a short one at most 255 characters, none of them a control character: what CloudWatch takes.
 * The same parts give the same name.
 */
export const nameOf = (topicArn: string, what: What, ...parts: readonly string[]): string =>
  [`${prefixOf(topicArn)}${what}`, ...parts.map((part) => clip(part, 64))].join('/');

export const whatOf = (topicArn: string, name: string): string => name.slice(prefixOf(topicArn).length).split('/')[0] ?? '';
