/**
 * Some services don't refuse a question for what they don't know, and name it in their answer instead. That is thrown like a refusal, so
 * that it is read like one; null where the answer names nothing, which says nothing.
 */
export const missingIn = (failures: readonly { reason?: string | undefined; detail?: string | undefined }[] | undefined): null => {
  const [failure] = failures ?? [];
  if (!failure) return null;
  const { reason = 'unknown', detail = reason } = failure;
  throw Object.assign(new Error(detail), { name: reason, $metadata: { httpStatusCode: 400 } });
};
