import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKeys } from './keys.ts';

/** JSON delimits the parts, so that different lists never have the same text. */
const canonical = (parts: readonly unknown[]): string => JSON.stringify(parts);

/** A MAC over all parts. The first is a kind and a version, so that what is signed for one purpose is never valid for another. */
export const macOf = (parts: readonly [purpose: string, ...unknown[]], key: string): string =>
  createHmac('sha256', key).update(canonical(parts)).digest('base64url');

/** Whether a MAC was made over exactly these parts, with the current or the previous key. Takes constant time. */
export const isMacOf = (mac: string, parts: readonly [purpose: string, ...unknown[]], { current, previous }: SigningKeys): boolean => {
  const given = Buffer.from(mac);
  let matches = false;
  for (const key of previous === null ? [current] : [current, previous]) {
    const wanted = Buffer.from(macOf(parts, key));
    matches = (wanted.length === given.length && timingSafeEqual(wanted, given)) || matches;
  }
  return matches;
};
