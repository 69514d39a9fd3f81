import { AwsError } from '../../../wire/protocol/errors.ts';

/** How many a caller wants on a page. */
export const checkMaxResults = (
  wanted: number | undefined,
  { least, most, usual }: { least: number; most: number; usual: number },
): number => {
  const size = wanted ?? usual;
  if (!Number.isInteger(size) || size < least || size > most)
    throw new AwsError(
      'ValidationException',
      `Value '${size}' at 'maxResults' failed to satisfy constraint: Member must be from ${least} to ${most}`,
    );
  return size;
};
