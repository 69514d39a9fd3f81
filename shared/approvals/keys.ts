import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';

/** The key that new links are signed with, and the one before it, whose links are still good; null where there is none. */
export type SigningKeys = { current: string; previous: string | null };

/** Permissions of the reader's call; held against the packaged template. Parameter Store asks Secrets Manager in the caller's name. */
export const keyPermissions = ['ssm:GetParameter', 'secretsmanager:GetSecretValue'] as const;

const keySchema = z.string().min(32).max(4096);
const keysSchema = z.object({
  current: keySchema,
  previous: z.union([z.literal('').transform(() => null), keySchema, z.null()]).optional(),
});

/** The name under which Parameter Store hands out a secret of Secrets Manager. */
export const secretReference = (secret: string): string => `/aws/reference/secretsmanager/${secret}`;

/**
 * Reads the signing keys out of a secret, `{"current": "…", "previous": "…"}` in JSON, by way of Parameter Store. Throws what the SDK
 * throws, and an Error that doesn't show the value where it isn't of that form.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
 */
export const readKeys = async (ssm: Pick<SSMClient, 'send'>, secret: string): Promise<SigningKeys> => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: secretReference(secret), WithDecryption: true }));
  const keys = keysSchema.safeParse(parseJson(Parameter?.Value ?? ''));
  if (!keys.success) throw new Error('the secret with the signing keys must be JSON with a "current" of at least 32 characters');
  return { current: keys.data.current, previous: keys.data.previous ?? null };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** In milliseconds: how long a rotation takes to reach everywhere. */
const keptFor = 30_000;

/** Keys that are read once in half a minute at most; `now` is in milliseconds since the epoch. */
export const cachedKeys = (read: () => Promise<SigningKeys>, now: () => number): (() => Promise<SigningKeys>) => {
  let kept: { keys: SigningKeys; at: number } | undefined;
  return async () => {
    if (kept && now() - kept.at < keptFor) return kept.keys;
    kept = { keys: await read(), at: now() };
    return kept.keys;
  };
};
