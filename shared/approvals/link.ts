import { type Approval, approvalSchema } from '../model/approval.ts';
import type { SigningKeys } from './keys.ts';
import { isMacOf, macOf } from './mac.ts';

/** The part of a link after the page's address: which request, and its signature. */
export type Token = { id: string; mac: string };

/**
 * The signed parts: everything stored about a request and so everything that its page shows. Write access to the ledger is not enough to
 * obtain approval of something else. The schema fixes the order.
 */
const partsOf = (approval: Approval) => ['selfheal approval 2', approvalSchema.parse(approval)] as const;

/** The text of a token: letters, digits, `-`, `_` and one dot. It ends in a letter or digit, so that mail programs link all of it. */
const textOf = ({ id, mac }: Token): string => `${id}.${mac}`;

const form = /^([\w-]{22})\.([\w-]{43})$/;

/** Parses a token; null if malformed. */
export const parseToken = (text: string): Token | null => {
  const [, id, mac] = form.exec(text) ?? [];
  return id === undefined || mac === undefined ? null : { id, mac };
};

/** The link to a request's page. */
export const linkTo = (approval: Approval, key: string): string =>
  `${approval.page}${textOf({ id: approval.id, mac: macOf(partsOf(approval), key) })}`;

/** Whether a token was made for exactly this request, with the current or the previous key. Takes constant time. */
export const isGenuine = ({ id, mac }: Token, approval: Approval, keys: SigningKeys): boolean => {
  const genuine = id === approval.id;
  return isMacOf(mac, partsOf(approval), keys) && genuine;
};
