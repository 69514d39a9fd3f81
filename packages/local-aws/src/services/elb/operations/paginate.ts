import { AwsError } from '../../../wire/protocol/errors.ts';

/** One page of a list by a marker that says where it starts. Throws `ValidationError` for a page size or a marker that is none. */
export const paginate = <T>(all: readonly T[], pageSize = 400, marker = 'from-0'): { page: T[]; next: string | undefined } => {
  if (pageSize < 1 || pageSize > 400) throw new AwsError('ValidationError', `The page size '${pageSize}' must be between 1 and 400`);
  const start = /^from-(\d{1,9})$/.exec(marker)?.[1];
  if (start === undefined) throw new AwsError('ValidationError', 'The marker is not valid');
  const end = Number(start) + pageSize;
  return { page: all.slice(Number(start), end), next: end < all.length ? `from-${end}` : undefined };
};
