import { AwsError } from '../../../wire/protocol/errors.ts';
import { page } from '../../../wire/protocol/pages.ts';
import { type Cluster, type EcsService, lastOf } from '../model/state.ts';

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);

/** What a call names, so many at most. */
export const within = (given: readonly string[] | undefined, what: string, most: number): readonly string[] => {
  if (given === undefined || given.length === 0) throw invalid(`${what} cannot be empty.`);
  if (given.length > most) throw invalid(`${what} can have at most ${most} items.`);
  return given;
};

/** What is found, and what isn't, which AWS lists among the failures. */
export const sorted = <Found>(names: readonly string[], find: (name: string) => Found | undefined, arnOf: (name: string) => string) => {
  const found = names.map((name) => find(name));
  return {
    found: found.filter((one): one is Exclude<typeof one, undefined> => one !== undefined),
    failures: names
      .filter((_, i) => found[i] === undefined)
      .map((name) => ({ arn: name.startsWith('arn:') ? name : arnOf(name), reason: 'MISSING' })),
  };
};

export const expectService = ({ services }: Cluster, text: string | undefined): EcsService => {
  const found = services.get(lastOf(text ?? ''));
  if (!found) throw new AwsError('ServiceNotFoundException', 'Service not found.');
  return found;
};

type Pages = { maxResults?: number | undefined; nextToken?: string | undefined };

/** One page: 1 to 100 items, and so many where nobody says. */
export const paged = <Item>(items: readonly Item[], input: Pages, usual: number): { items: Item[]; next: { nextToken?: string } } => {
  const { maxResults = usual, nextToken, ...request } = input;
  if (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > 100) throw invalid('maxResults must be between 1 and 100.');
  try {
    const { items: own, next } = page(items, maxResults, nextToken, request);
    return { items: own, next: next === undefined ? {} : { nextToken: next } };
  } catch (error) {
    if (error instanceof AwsError) throw invalid('Invalid token.');
    throw error;
  }
};
