/** One response of a look contradicts another because EC2 is eventually consistent: look again. */
export class DescribeLag extends Error {
  override readonly name = 'DescribeLag';
}

export const tagMap = (tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Record<string, string> =>
  Object.fromEntries(tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));
