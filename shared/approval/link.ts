import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Approval } from './approval.ts';
import type { SigningKeys } from './keys.ts';

/** What a link carries besides the page's address: which question, and the proof that it was asked. */
export type Token = { id: string; mac: string };

/** A kind and a version, so that what is signed here can never pass for something else that the same key might sign one day. */
const purpose = 'selfheal approval 1';

/** A list in JSON says where each part ends, so that no two questions come to the same text. */
const canonical = ({ page, incident, action, target, callbackId, expiresAt }: Approval): string =>
  JSON.stringify([purpose, page, incident, action, target.type, target.id, callbackId, expiresAt]);

const macOf = (approval: Approval, key: string): string => createHmac('sha256', key).update(canonical(approval)).digest('base64url');

/** The text of a token: letters, digits, `-`, `_` and one dot. It ends in a letter or digit, so that mail programs link all of it. */
const textOf = ({ id, mac }: Token): string => `${id}.${mac}`;

const form = /^([\w-]{22})\.([\w-]{43})$/;

/** Reads a token's text; null for what can't be one. */
export const parseToken = (text: string): Token | null => {
  const [, id, mac] = form.exec(text) ?? [];
  return id === undefined || mac === undefined ? null : { id, mac };
};

/** The link to a question's page. */
export const linkTo = (approval: Approval, key: string): string =>
  `${approval.page}${textOf({ id: approval.id, mac: macOf(approval, key) })}`;

/**
 * Whether a token was made for exactly this question, with the current key or the one before it. Takes the same time whatever is
 * wrong with it.
 */
export const isGenuine = ({ id, mac }: Token, approval: Approval, { current, previous }: SigningKeys): boolean => {
  const given = Buffer.from(mac);
  let genuine = id === approval.id;
  let matches = false;
  for (const key of previous === null ? [current] : [current, previous]) {
    // A MAC always has the same length, and the token's form has been checked.
    matches = timingSafeEqual(Buffer.from(macOf(approval, key)), given) || matches;
  }
  genuine &&= matches;
  return genuine;
};
