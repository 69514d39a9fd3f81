type Tag = { Key?: string | null | undefined; Value?: string | null | undefined };

/** Tags as AWS lists them, by their keys. */
export const tagMap = (tags: readonly Tag[] | null | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).flatMap(({ Key, Value }) => (typeof Key === 'string' ? [[Key, Value ?? '']] : [])));
