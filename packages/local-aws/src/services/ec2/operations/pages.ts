import { AwsError } from '../../../wire/protocol/errors.ts';

export type PageInput = { MaxResults?: number | undefined; NextToken?: string | undefined; DryRun?: boolean | undefined };

export type PageRules = {
  /** The call, so that a token of one call is no token of another. */
  readonly call: string;
  readonly least: number;
  readonly most: number;
};

const encode = (call: string, after: number): string => Buffer.from(JSON.stringify([call, after])).toString('base64url');

const decode = (call: string, token: string): number => {
  const invalid = () => new AwsError('InvalidPaginationToken', 'The specified pagination token is not valid.');
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw invalid();
  }
  if (!Array.isArray(parts) || !Number.isSafeInteger(parts[1]) || encode(call, parts[1]) !== token) throw invalid();
  return parts[1];
};

/** Checks MaxResults against its bounds, and that it doesn't come together with ids. */
export const checkPage = ({ least, most }: PageRules, { MaxResults }: PageInput, ids?: { name: string; given: boolean }): void => {
  if (MaxResults === undefined) return;
  if (ids?.given)
    throw new AwsError('InvalidParameterCombination', `The parameter ${ids.name} cannot be used with the parameter maxResults`);
  if (!Number.isInteger(MaxResults) || MaxResults < least)
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value greater than ${least}.`,
    );
  if (MaxResults > most)
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value less than ${most}.`,
    );
};

/**
 * One page of rows. Rows carry a number that only grows, and a token says behind which one to go on: what comes and goes between two
 * calls neither repeats nor hides another row.
 */
export const page = <Row>(
  rules: PageRules,
  { MaxResults, NextToken }: PageInput,
  rows: Iterable<Row>,
  seqOf: (row: Row) => number,
): { rows: Row[]; NextToken?: string } => {
  const after = NextToken === undefined ? -1 : decode(rules.call, NextToken);
  const size = MaxResults ?? rules.most;
  const found: Row[] = [];
  for (const row of rows) {
    if (seqOf(row) <= after) continue;
    if (found.length === size) return { rows: found, NextToken: encode(rules.call, seqOf(found[size - 1] as Row)) };
    found.push(row);
  }
  return { rows: found };
};
