import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Alias, FunctionStore, LambdaFunction } from '../model/functions.ts';
import { parseFunctionName } from '../model/name.ts';

export type Out<Output> = Omit<Output, '$metadata'>;

/** `2026-03-02T09:55:00.000+0000` */
export const lambdaTime = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

export const invalid = (message: string) => new AwsError('InvalidParameterValueException', message);
export const notFound = (message: string) => new AwsError('ResourceNotFoundException', message, 404);
export const conflict = (message: string) => new AwsError('ResourceConflictException', message, 409);

/** Whoever changes something may name the revision that he has seen: it is changed only if that is still the latest one. */
export const checkRevision = (asked: string | undefined, { revisionId }: { revisionId: string }): void => {
  if (asked !== undefined && asked !== revisionId)
    throw new AwsError(
      'PreconditionFailedException',
      'The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId',
      412,
    );
};

/** How functions are found by what a request names. */
export const createLookup = (world: World, store: FunctionStore) => {
  const arnOf = (name: string, qualifier?: string) =>
    world.arn('lambda', `function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`);
  return {
    arnOf,
    expect: (text: string | undefined, given?: string) => {
      const { name, qualifier: inName } = parseFunctionName(text ?? '');
      if (inName !== undefined && given !== undefined && inName !== given)
        throw invalid('The derived qualifier from the function name does not match the specified qualifier.');
      const qualifier = given ?? inName;
      const found = store.get(name);
      if (!found) throw notFound(`Function not found: ${arnOf(name, qualifier)}`);
      return { found, qualifier };
    },
    expectAlias: ({ name, aliases }: LambdaFunction, alias: string): Alias => {
      const found = aliases.get(alias);
      if (!found) throw notFound(`Cannot find alias arn: ${arnOf(name, alias)}`);
      return found;
    },
  };
};
export type Lookup = ReturnType<typeof createLookup>;

/** One page by a marker, which says where it starts; a page has no more than `most` rows, whatever is asked for. */
export const paginate = <Row>(
  rows: readonly Row[],
  { Marker, MaxItems = 50 }: { Marker?: string | undefined; MaxItems?: number | undefined },
  most: number,
) => {
  if (!Number.isInteger(MaxItems) || MaxItems < 1 || MaxItems > 10_000)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${MaxItems}' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 10000`,
    );
  const start = Marker === undefined || Marker === '' ? 0 : Number(/^from-(\d{1,9})$/.exec(Marker)?.[1]);
  if (Number.isNaN(start)) throw invalid('Invalid marker.');
  const end = start + Math.min(MaxItems, most);
  return { page: rows.slice(start, end), next: end < rows.length ? { NextMarker: `from-${end}` } : {} };
};
