import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKeys } from './keys.ts';

/** A list in JSON says where each part ends, so that no two lists come to the same text. */
const canonical = (parts: readonly unknown[]): string => JSON.stringify(parts);

/**
 * A MAC over all parts. The first says what they are: a kind and a version, so that what is signed as one thing can never pass for
 * another.
 */
export const macOf = (parts: readonly [purpose: string, ...unknown[]], key: string): string =>
  createHmac('sha256', key).update(canonical(parts)).digest('base64url');

/** Whether a MAC was made over exactly these parts, with the current key or the one before it. Takes the same time whatever is wrong. */
export const isMacOf = (mac: string, parts: readonly [purpose: string, ...unknown[]], { current, previous }: SigningKeys): boolean => {
  const given = Buffer.from(mac);
  let matches = false;
  for (const key of previous === null ? [current] : [current, previous]) {
    const wanted = Buffer.from(macOf(parts, key));
    matches = (wanted.length === given.length && timingSafeEqual(wanted, given)) || matches;
  }
  return matches;
};
