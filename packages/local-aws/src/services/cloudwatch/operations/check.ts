import { AwsError } from '../../../wire/protocol/errors.ts';

/** Checks of single parameters, in the words that AWS's services have for them. */

export const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
export const missing = (parameter: string): AwsError => new AwsError('MissingParameter', `The parameter ${parameter} is required.`);
export const badValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
export const badCombination = (message: string): AwsError => new AwsError('InvalidParameterCombination', message);

const constraint = (value: unknown, name: string, must: string): AwsError =>
  invalid(
    `1 validation error detected: Value '${String(value).slice(0, 200)}' at '${name}' failed to satisfy constraint: Member must ${must}`,
  );

/** `name` as the service's model writes it, in lower camel case. */
export const checkLength = (value: string | undefined, name: string, least: number, most: number): void => {
  if (value === undefined) return;
  if (value.length < least) throw constraint(value, name, `have length greater than or equal to ${least}`);
  if (value.length > most) throw constraint(value, name, `have length less than or equal to ${most}`);
};

export const checkCount = (values: readonly unknown[] | undefined, name: string, most: number): void => {
  if (values && values.length > most) throw constraint('[...]', name, `have length less than or equal to ${most}`);
};

export const checkEnum = (value: string | undefined, name: string, allowed: readonly string[]): void => {
  if (value !== undefined && !allowed.includes(value)) throw constraint(value, name, `satisfy enum value set: [${allowed.join(', ')}]`);
};

export const checkRange = (value: number | undefined, name: string, least: number, most = Number.POSITIVE_INFINITY): void => {
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < least) throw constraint(value, name, `have value greater than or equal to ${least}`);
  if (value > most) throw constraint(value, name, `have value less than or equal to ${most}`);
};

export const states = ['INSUFFICIENT_DATA', 'ALARM', 'OK'] as const;

export const standardUnits: readonly string[] = [
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'Count', 'Count/Second', 'None'],
  ...['', 'Kilo', 'Mega', 'Giga', 'Tera'].flatMap((size) =>
    ['Bytes', 'Bits', 'Bytes/Second', 'Bits/Second'].map((unit) => (size ? size + unit.toLowerCase().replace('second', 'Second') : unit)),
  ),
];

type SdkDimension = { Name?: string | undefined; Value?: string | undefined };

export const checkDimensions = (dimensions: readonly SdkDimension[] | undefined): void => {
  checkCount(dimensions, 'dimensions', 30);
  const names = new Set<string>();
  for (const { Name, Value } of dimensions ?? []) {
    if (!Name) throw missing('Dimensions.member.1.Name');
    if (!Value) throw missing('Dimensions.member.1.Value');
    checkLength(Name, 'dimensions.1.member.name', 1, 255);
    checkLength(Value, 'dimensions.1.member.value', 1, 1024);
    if (names.has(Name)) throw badValue(`The dimension ${Name} was given more than once.`);
    names.add(Name);
  }
};
