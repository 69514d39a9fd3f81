import { AwsError } from './errors.ts';

const offsetIn = (token: string): number => {
  try {
    return Number(JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))[0]);
  } catch {
    return Number.NaN;
  }
};

/**
 * Cuts a list into pages. A token says where the next page begins and for which request it was given, so that one from elsewhere is
 * refused with `InvalidNextToken`.
 */
export const page = <Item>(
  items: readonly Item[],
  size: number,
  token: string | undefined,
  request: unknown,
): { items: Item[]; next: string | undefined } => {
  const scope = JSON.stringify(request);
  const tokenAt = (offset: number): string => Buffer.from(JSON.stringify([offset, scope])).toString('base64url');
  const start = token === undefined ? 0 : offsetIn(token);
  // Encoded again, it must be the same: a decoder overlooks much.
  if (token !== undefined && (!(start > 0) || tokenAt(start) !== token))
    throw new AwsError('InvalidNextToken', 'The next token specified is invalid.');
  const end = start + size;
  const next = end < items.length ? tokenAt(end) : undefined;
  return { items: items.slice(start, end), next };
};
