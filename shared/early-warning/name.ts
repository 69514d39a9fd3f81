import { createHash } from 'node:crypto';
import type { What } from './watched.ts';

/** Set on every alarm that is made here: what has the name but not the tag is somebody else's, and is left alone. */
export const madeByTag = { Key: 'selfheal:made-by', Value: 'early-warning' } as const;

/** Set on an alarm that no longer seemed to be needed, with when that was; it goes only if another run finds the same. */
export const unneededTag = 'selfheal:unneeded-since';

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
