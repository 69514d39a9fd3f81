import { createHash } from 'node:crypto';

/**
 * DynamoDB takes no item of more than 400 KB. Whatever grows in one is bounded; should that not have been enough, what is old in it is
 * dropped, rather than that nothing can be written any more.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export const isTooLarge = (error: unknown): boolean => {
  const { message = '' } = error as { message?: string };
  return message.startsWith('Item size');
};

/** Short, and another one for every other text. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** Plain text of so many characters at most takes as many bytes, also in JSON. */
const plain = /[^\x20-\x7e]|["\\]/g;

/** A name that takes at most `most` bytes: itself, where it is plain and short, and else its beginning and a digest of the whole. */
export const shortName = (name: string, most: number): string => {
  const readable = name.replace(plain, '?');
  return readable === name && name.length <= most ? name : `${readable.slice(0, most - 23)}~${digest(name)}`;
};
