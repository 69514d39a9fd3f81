import type { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { readSecret } from '../aws/secret.ts';
import { parseJson } from '../model/json.ts';

/** The key that signs new links, and the previous one, whose links are still valid; null if there is none. */
export type SigningKeys = { current: string; previous: string | null };

const keySchema = z.string().min(32).max(4096);
const keysSchema = z.object({
  current: keySchema,
  previous: z.union([z.literal('').transform(() => null), keySchema, z.null()]).optional(),
});

/**
 * Reads the signing keys from a secret, `{"current": "…", "previous": "…"}`.
 * @throws whatever the SDK throws, or {Error} without the value if its form is wrong
 */
export const readKeys = async (ssm: Pick<SSMClient, 'send'>, secret: string): Promise<SigningKeys> => {
  const keys = keysSchema.safeParse(parseJson(await readSecret(ssm, secret)));
  if (!keys.success) throw new Error('the secret with the signing keys must be JSON with a "current" of at least 32 characters');
  return { current: keys.data.current, previous: keys.data.previous ?? null };
};

/** How long a rotation takes to take effect, in milliseconds. */
const cacheTime = 30_000;

/** Caches the keys for half a minute; `now` is in milliseconds since the epoch. */
export const cachedKeys = (read: () => Promise<SigningKeys>, now: () => number): (() => Promise<SigningKeys>) => {
  let kept: { keys: SigningKeys; at: number } | undefined;
  return async () => {
    if (kept && now() - kept.at < cacheTime) return kept.keys;
    kept = { keys: await read(), at: now() };
    return kept.keys;
  };
};
