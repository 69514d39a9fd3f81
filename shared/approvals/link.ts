import { type Approval, approvalSchema } from '../model/approval.ts';
import type { SigningKeys } from './keys.ts';
import { isMacOf, macOf } from './mac.ts';

/** What a link carries besides the page's address: which question, and the proof that it was asked. */
export type Token = { id: string; mac: string };

/**
 * All that is kept of a question, so all that its page shows: whoever can write to the ledger can't have somebody say yes to another
 * one. The schema says in which order.
 */
const partsOf = (approval: Approval) => ['selfheal approval 2', approvalSchema.parse(approval)] as const;

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
  `${approval.page}${textOf({ id: approval.id, mac: macOf(partsOf(approval), key) })}`;

/**
 * Whether a token was made for exactly this question, with the current key or the one before it. Takes the same time whatever is
 * wrong with it.
 */
export const isGenuine = ({ id, mac }: Token, approval: Approval, keys: SigningKeys): boolean => {
  const genuine = id === approval.id;
  return isMacOf(mac, partsOf(approval), keys) && genuine;
};
