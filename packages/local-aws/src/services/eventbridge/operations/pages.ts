import { AwsError } from '../../../wire/protocol/errors.ts';

const invalid = (message: string) => new AwsError('ValidationException', message);

export const limitOf = (limit: number | undefined): number => {
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 1 || limit > 100)) throw invalid('Limit must be between 1 and 100');
  return limit ?? 100;
};

/** The page that begins after `token`, the last key of the page before. */
export const page = <Item>(items: readonly Item[], keyOf: (item: Item) => string, limit: number, token: string | undefined) => {
  const tokenOf = (item: Item): string => Buffer.from(`after:${keyOf(item)}`).toString('base64url');
  const at = token === undefined ? -1 : items.findIndex((item) => tokenOf(item) === token);
  if (token !== undefined && at < 0) throw invalid('Parameter NextToken is not valid. Reason: Provided token is not valid.');
  const found = items.slice(at + 1, at + 1 + limit);
  const end = found.at(-1);
  const next = end !== undefined && at + 1 + limit < items.length ? tokenOf(end) : undefined;
  return { found, next };
};
