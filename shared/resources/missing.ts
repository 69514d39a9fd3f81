import { RefusedError } from '../model/errors.ts';

/**
 * Some services report a missing resource in a successful response. It is thrown like a refusal, to be handled the same; null if the
 * response lists none, which means nothing.
 */
export const missingIn = (failures: readonly { reason?: string | undefined; detail?: string | undefined }[] | undefined): null => {
  const [failure] = failures ?? [];
  if (!failure) return null;
  const { reason = 'unknown', detail = reason } = failure;
  throw new RefusedError(reason, detail);
};
