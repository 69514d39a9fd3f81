import { createHash } from 'node:crypto';
import type { AlarmKind } from './watched.ts';

/** The tag of every alarm created here. An alarm with such a name but without the tag belongs to the user and is left alone. */
export const madeByTag = { Key: 'selfheal:made-by', Value: 'early-warning' } as const;

const mark = / \[not needed since (\S+); goes if the next run finds so, too\]$/;

/**
 * Marks the description of an alarm that seems unneeded with a time. It is deleted only if a later run agrees. One that is needed again
 * gets its own description back, like any changed one.
 */
export const marked = (description: string | undefined, at: number): string =>
  `${(description ?? '').replace(mark, '')} [not needed since ${new Date(at).toISOString()}; goes if the next run finds so, too]`;

/** When it was marked, in milliseconds since the epoch; NaN if it wasn't. */
export const markedAt = (description: string | undefined): number => Date.parse(mark.exec(description ?? '')?.[1] ?? '');

/**
 * The name prefix of early warning's alarms. Not `selfheal-`: those alarms are about selfheal itself and never reach intake. The topic's
 * name separates the stages in one account.
 */
export const prefixOf = (topicArn: string): string => `early-warning/${clip(topicArn.split(':').at(-1) ?? '', 60)}/`;

/** A short hash of a text. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Shortens a name to what fits into an alarm's name; a hash makes up for the rest. */
const clip = (text: string, most: number): string => {
  const plain = text.replace(/[^\w.:/-]+/g, '_');
  if (plain === text && text.length <= most) return text;
  return `${plain.slice(0, most - 9)}-${hashOf(text)}`;
};

/**
 * The name of an alarm: at most 255 characters, none of them a control character, as CloudWatch requires, given up to two parts of any
 * length and a short one. Deterministic.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export const nameOf = (topicArn: string, what: AlarmKind, ...parts: readonly string[]): string =>
  [`${prefixOf(topicArn)}${what}`, ...parts.map((part) => clip(part, 64))].join('/');

/** What an alarm watches, from its name. */
export const alarmKindOf = (topicArn: string, name: string): string => name.slice(prefixOf(topicArn).length).split('/')[0] ?? '';
