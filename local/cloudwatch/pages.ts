import { AwsError } from '../protocol/errors.ts';

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
  let start = 0;
  if (token !== undefined) {
    const [offset, of] = (() => {
      try {
        return JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as [unknown, unknown];
      } catch {
        return [undefined, undefined];
      }
    })() ?? [undefined, undefined];
    if (!Number.isInteger(offset) || (offset as number) <= 0 || of !== scope)
      throw new AwsError('InvalidNextToken', 'The next token specified is invalid.');
    start = offset as number;
  }
  const end = start + size;
  const next = end < items.length ? Buffer.from(JSON.stringify([end, scope])).toString('base64url') : undefined;
  return { items: items.slice(start, end), next };
};
