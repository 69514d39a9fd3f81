import { AwsError } from '../../../wire/protocol/errors.ts';

export const invalidPattern = (why: string) => new AwsError('InvalidParameterException', `Invalid metric filter pattern: ${why}`);
export const unserved = (what: string) => new AwsError('InvalidParameterException', `${what} not served by the local AWS`);

/** What a pattern's field holds in one log event; undefined where the event doesn't have it. */
export type FieldValue = string | number | boolean | null | undefined;

/** A condition over an event's fields, and the fields that it names. */
export type Condition = { fields: readonly string[]; holds(read: (field: string) => FieldValue): boolean };

type Token = { kind: 'operator' | 'word' | 'quoted'; text: string };

const isNumber = (text: string): boolean => /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text);

const tokensOf = (source: string): Token[] => {
  const tokens: Token[] = [];
  const next = /\s*(?:(&&|\|\||[<>!]=|[=<>()])|"((?:[^"\\]|\\.)*)"|([^\s"&|<>=!()]+))/y;
  for (let at = 0; source.slice(at).trim() !== ''; at = next.lastIndex) {
    next.lastIndex = at;
    const [, operator, quoted, word] = next.exec(source) ?? [];
    if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.replace(/\\(.)/g, '$1') });
    else if (word === undefined) throw invalidPattern(`what is at ${at} of '${source.slice(0, 100)}' can't be read`);
    else if (word.startsWith('%')) throw unserved('Regular expressions in filter patterns are');
    else tokens.push({ kind: 'word', text: word });
  }
  return tokens;
};

/** Whether a text is like another one in which `*` stands for anything. No regular expression: these can take very long. */
const isLike = (text: string, wanted: string): boolean => {
  const [first = '', ...rest] = wanted.split('*');
  const last = rest.pop();
  if (last === undefined) return text === wanted;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
};

/** A number is compared with numbers, and with texts that read as one where all fields are text. Anything else is compared as text. */
const comparison = (operator: string, { kind, text }: Token, texts: boolean): ((value: FieldValue) => boolean) => {
  const wanted = kind === 'word' && isNumber(text) ? Number(text) : undefined;
  const numberOf = (value: FieldValue): number =>
    typeof value === 'number' || (texts && typeof value === 'string' && isNumber(value)) ? Number(value) : Number.NaN;
  const equals = (value: FieldValue): boolean =>
    wanted === undefined ? value !== null && isLike(String(value), text) : numberOf(value) === wanted;
  if (operator === '=') return equals;
  if (operator === '!=') return (value) => !equals(value);
  if (wanted === undefined) throw invalidPattern(`'${operator}' compares with a number, not with '${text}'`);
  switch (operator) {
    case '<':
      return (value) => numberOf(value) < wanted;
    case '<=':
      return (value) => numberOf(value) <= wanted;
    case '>':
      return (value) => numberOf(value) > wanted;
    default:
      return (value) => numberOf(value) >= wanted;
  }
};

const postfixes: Readonly<Record<string, (value: FieldValue) => boolean>> = {
  'IS NULL': (value) => value === null,
  'IS TRUE': (value) => value === true,
  'IS FALSE': (value) => value === false,
  'NOT EXISTS': (value) => value === undefined,
};

/**
 * Reads comparisons that `&&`, `||` and parentheses join; `&&` binds more tightly. A comparison with a field that the event doesn't
 * have doesn't hold, `!=` neither: assumed. With `texts`, all fields are text, as those of a space-delimited event.
 */
export const parseCondition = (source: string, texts: boolean): Condition => {
  const tokens = tokensOf(source);
  const fields = new Set<string>();
  let position = 0;

  const take = (what: string): Token => {
    const token = tokens[position++];
    if (!token) throw invalidPattern(`${what} is missing at the end of '${source.slice(0, 100)}'`);
    return token;
  };
  const takeOperator = (operator: string): boolean => {
    const token = tokens[position];
    if (token?.kind !== 'operator' || token.text !== operator) return false;
    position++;
    return true;
  };

  type Holds = Condition['holds'];
  const single = (): Holds => {
    if (takeOperator('(')) {
      const inner = anyOf();
      if (!takeOperator(')')) throw invalidPattern(`a parenthesis is not closed in '${source.slice(0, 100)}'`);
      return inner;
    }
    const { kind, text: field } = take('a field');
    if (kind !== 'word') throw invalidPattern(`'${field}' is no field`);
    fields.add(field);
    const { kind: operatorKind, text: operator } = take('an operator');
    if (operatorKind === 'word' && !texts) {
      const postfix = postfixes[`${operator} ${take('what it is').text}`.toUpperCase()];
      if (!postfix) throw invalidPattern(`'${operator}' is no operator`);
      return (read) => postfix(read(field));
    }
    if (operatorKind !== 'operator' || !/^[=<>!]/.test(operator)) throw invalidPattern(`'${operator}' is no operator`);
    const wanted = take('a value');
    if (wanted.kind === 'operator') throw invalidPattern(`'${wanted.text}' is no value`);
    const compare = comparison(operator, wanted, texts);
    return (read) => {
      const value = read(field);
      return value !== undefined && compare(value);
    };
  };
  const allOf = (): Holds => {
    const parts = [single()];
    while (takeOperator('&&')) parts.push(single());
    return (read) => parts.every((holds) => holds(read));
  };
  const anyOf = (): Holds => {
    const parts = [allOf()];
    while (takeOperator('||')) parts.push(allOf());
    return (read) => parts.some((holds) => holds(read));
  };

  const holds = anyOf();
  const left = tokens[position];
  if (left) throw invalidPattern(`'${left.text}' is not expected in '${source.slice(0, 100)}'`);
  return { fields: [...fields], holds };
};
