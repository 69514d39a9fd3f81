import { createHash } from 'node:crypto';
import { errorMessage } from '../model/errors.ts';

/**
 * Whether DynamoDB rejected an item over 400 KB. Everything that grows in an item is bounded; should that not suffice, old parts are
 * dropped, so that writes never stop working.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export const isTooLarge = (error: unknown): boolean => errorMessage(error).startsWith('Item size');

/** A short digest of a text. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** Everything else takes one byte a character, also in JSON. */
const plain = /[^\x20-\x7e]|["\\]/g;

/** A name in at most `most` bytes: unchanged if it is plain and short, else its beginning and a digest of the whole. */
export const shortName = (name: string, most: number): string => {
  const readable = name.replace(plain, '?');
  return readable === name && name.length <= most ? name : `${readable.slice(0, most - 23)}~${digest(name)}`;
};
