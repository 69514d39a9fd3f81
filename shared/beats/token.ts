import type { SigningKeys } from '../approvals/keys.ts';
import { isMacOf, macOf } from '../approvals/mac.ts';

const partsOf = (name: string) => ['selfheal beat 1', name] as const;

/** The token of a heartbeat. It is derived from the key that signs approvals, and is valid for nothing else. */
export const beatToken = (name: string, key: string): string => macOf(partsOf(name), key);

/** The form of every token. What has another form needs no key to be refused. */
const form = /^[\w-]{43}$/;
export const mayBeToken = (text: string): boolean => form.test(text);

/** Whether a token is that of the heartbeat, by the current or the previous key. Takes constant time. */
export const isBeatToken = (token: string, name: string, keys: SigningKeys): boolean => isMacOf(token, partsOf(name), keys);
