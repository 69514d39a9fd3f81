import type { Statement } from './document.ts';

/** What a condition key is in a request: its values, none where it isn't there, and `unknown` where this AWS doesn't have it at all. */
export type Ask = (key: string) => readonly string[] | undefined | 'unknown';

/** Undefined: this AWS can't say. Whoever asks takes that for the answer that permits nothing. */
export type Verdict = boolean | undefined;

/** `*` stands for any characters, `?` for one. As far back as the last star is far enough, so time is bounded by both lengths. */
export const isLike = (pattern: string, text: string): boolean => {
  let [at, from, star, resumed] = [0, 0, -1, 0];
  while (from < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      resumed = from;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[from])) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++resumed;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
};

/** Part by part between the first five colons, so that no wildcard reaches from one part into the next. */
const isArnLike = (pattern: string, arn: string): boolean => {
  const partsOf = (text: string) => /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(text)?.slice(1);
  const [wanted, given] = [partsOf(pattern), partsOf(arn)];
  return wanted !== undefined && given !== undefined && wanted.every((part, i) => isLike(part, given[i] as string));
};

/**
 * A text with its variables in place, such as `${aws:PrincipalOrgID}`; undefined where one has no single value, or one that would be taken
 * for a pattern. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export const withVariables = (text: string, ask: Ask): string | undefined => {
  let known = true;
  const replaced = text.replace(/\$\{([^}]*)\}/g, (_variable, key: string) => {
    const values = ask(key);
    const [value = '', ...more] = values === 'unknown' || values === undefined ? [] : values;
    if (value === '' || more.length > 0 || /[*?$]/.test(value)) known = false;
    return value;
  });
  return known ? replaced : undefined;
};

const numeric = (compare: (value: number, limit: number) => boolean) => (limit: string, value: string) =>
  limit.trim() !== '' && value.trim() !== '' && compare(Number(value), Number(limit));

type Test = (pattern: string, value: string) => boolean;
const equals: Test = (pattern, value) => pattern === value;
const foldsTo: Test = (pattern, value) => pattern.toLowerCase() === value.toLowerCase();

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html; dates and addresses are not judged. */
const operators: Readonly<Record<string, { test: Test; not?: true }>> = {
  StringEquals: { test: equals },
  StringNotEquals: { test: equals, not: true },
  StringEqualsIgnoreCase: { test: foldsTo },
  StringNotEqualsIgnoreCase: { test: foldsTo, not: true },
  StringLike: { test: isLike },
  StringNotLike: { test: isLike, not: true },
  ArnEquals: { test: isArnLike },
  ArnLike: { test: isArnLike },
  ArnNotEquals: { test: isArnLike, not: true },
  ArnNotLike: { test: isArnLike, not: true },
  Bool: { test: foldsTo },
  NumericEquals: { test: numeric((value, limit) => value === limit) },
  NumericNotEquals: { test: numeric((value, limit) => value === limit), not: true },
  NumericLessThan: { test: numeric((value, limit) => value < limit) },
  NumericLessThanEquals: { test: numeric((value, limit) => value <= limit) },
  NumericGreaterThan: { test: numeric((value, limit) => value > limit) },
  NumericGreaterThanEquals: { test: numeric((value, limit) => value >= limit) },
};

const parse = (name: string) => {
  const [, set, bare = '', ifExists] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/s.exec(name) ?? [];
  return { set, bare, ifExists: ifExists !== undefined };
};

/** Whether one key of a request meets one operator: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html */
const meetsOne = (name: string, written: readonly string[], key: string, ask: Ask): Verdict => {
  const { set, bare, ifExists } = parse(name);
  const values = ask(key);
  const wanted = written.flatMap((text) => withVariables(text, ask) ?? []);
  if (values === 'unknown' || wanted.length < written.length) return undefined;
  if (bare === 'Null' && set === undefined && !ifExists)
    return wanted.some((text) => (text === 'true') === (values === undefined || values.length === 0));
  const operator = Object.hasOwn(operators, bare) ? operators[bare] : undefined;
  if (!operator) return undefined;
  const fits = (value: string) => wanted.some((pattern) => operator.test(pattern, value)) !== (operator.not === true);
  if (values === undefined || values.length === 0)
    return set === 'ForAllValues:' || ifExists || (set === undefined && operator.not === true);
  if (set === 'ForAllValues:') return values.every(fits);
  if (set === 'ForAnyValue:') return values.some(fits);
  return operator.not ? values.every(fits) : values.some(fits);
};

/** Whether a request meets all conditions of a statement. */
export const meets = ({ Condition = {} }: Pick<Statement, 'Condition'>, ask: Ask): Verdict => {
  let verdict: Verdict = true;
  for (const [name, keys] of Object.entries(Condition)) {
    for (const [key, wanted] of Object.entries(keys)) {
      const one = meetsOne(name, wanted, key, ask);
      if (one === false) return false;
      if (one === undefined) verdict = undefined;
    }
  }
  return verdict;
};
