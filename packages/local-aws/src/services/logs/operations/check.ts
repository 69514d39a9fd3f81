import { logsParameters } from '../../../core/model-parameters.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';

export const badParameter = (message: string) => new AwsError('InvalidParameterException', message);

const forms = {
  logGroupName: /^[\w./#-]{1,512}$/,
  logStreamName: /^[^:*]{1,512}$/,
  filterName: /^[^:*]{1,512}$/,
  metricName: /^[^:*$]{1,255}$/,
  metricNamespace: /^[^:*$]{1,255}$/,
} as const;

/** A name, as the service's model has its form. */
export const checkName = (kind: keyof typeof forms, name = ''): string => {
  if (!forms[kind].test(name))
    throw badParameter(
      `1 validation error detected: Value '${name.slice(0, 100)}' at '${kind}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${forms[kind].source}`,
    );
  return name;
};

/** A request's parameters that would do something here that isn't done. */
export const refuseUnserved = <Input extends object>(input: Input, ...parameters: readonly (keyof Input & string)[]): void => {
  for (const parameter of parameters)
    if (input[parameter] !== undefined) throw badParameter(`The parameter ${parameter} is not served by the local AWS`);
};

/** One page of a list; its token says where the next one begins. */
export const page = <Item>(
  items: readonly Item[],
  { limit = logsParameters.pageSize, nextToken = 'from-0' }: { limit?: number | undefined; nextToken?: string | undefined },
  most: number = logsParameters.pageSize,
): { items: Item[]; nextToken?: string } => {
  if (!Number.isInteger(limit) || limit < 1 || limit > most) throw badParameter(`The limit ${limit} must be between 1 and ${most}`);
  const start = Number(/^from-(\d{1,9})$/.exec(nextToken)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) throw badParameter('The specified nextToken is invalid.');
  const end = start + limit;
  return { items: items.slice(start, end), ...(end < items.length && { nextToken: `from-${end}` }) };
};
