import { AwsError } from '../../../wire/protocol/errors.ts';
import type { AlarmState } from './alarm-state.ts';

/** A composite alarm's rule. `alarm` is a name or an ARN, as the rule has it. */
export type Rule =
  | { kind: 'constant'; value: boolean }
  | { kind: 'state'; state: AlarmState; alarm: string }
  | { kind: 'not'; rule: Rule }
  | { kind: 'and' | 'or'; left: Rule; right: Rule };

const maxDepth = 200;

const invalid = (why: string) => new AwsError('ValidationError', `AlarmRule must not contain invalid syntax: ${why}`);

type Token = { kind: 'word' | 'name' | '(' | ')'; text: string };

const tokenize = (text: string): Token[] => {
  const tokens: Token[] = [];
  // A name stands between the parentheses of a state function, quoted or not; only in quotes may it hold parentheses and blanks.
  const pattern =
    /\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^()"'\s]+))\s*\)|(AND|OR|NOT|TRUE|FALSE)\b|([()]))/gy;
  while (pattern.lastIndex < text.length) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) {
      if (text.slice(from).trim() === '') break;
      throw invalid(`unexpected text at character ${from + 1}`);
    }
    const [, state, double, single, bare, word, parenthesis] = match;
    if (state) {
      const name = (double ?? single)?.replace(/\\(.)/g, '$1') ?? bare ?? '';
      if (name === '') throw invalid('an alarm name is empty');
      tokens.push({ kind: 'word', text: state }, { kind: 'name', text: name });
    } else if (word) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: parenthesis as '(' | ')', text: parenthesis as string });
  }
  return tokens;
};

/**
 * Parses an AlarmRule: `ALARM(name)`, `OK("name")`, `INSUFFICIENT_DATA(arn)`, `TRUE`, `FALSE`, `NOT`, `AND`, `OR` and parentheses; NOT
 * binds closest, then AND, then OR. Throws `ValidationError` for anything else.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export const parseRule = (text: string): Rule => {
  const tokens = tokenize(text);
  let next = 0;
  const accept = (word: string): boolean => {
    if (tokens[next]?.text !== word || tokens[next]?.kind === 'name') return false;
    next++;
    return true;
  };
  const primary = (depth: number): Rule => {
    if (depth > maxDepth) throw invalid('it is nested too deeply');
    if (accept('NOT')) return { kind: 'not', rule: primary(depth + 1) };
    if (accept('TRUE')) return { kind: 'constant', value: true };
    if (accept('FALSE')) return { kind: 'constant', value: false };
    if (accept('(')) {
      const rule = or(depth + 1);
      if (!accept(')')) throw invalid('a parenthesis is not closed');
      return rule;
    }
    for (const state of ['ALARM', 'OK', 'INSUFFICIENT_DATA'] as const) {
      if (accept(state)) return { kind: 'state', state, alarm: (tokens[next++] as Token).text };
    }
    throw invalid(tokens[next] ? `unexpected ${tokens[next]?.text}` : 'it ends too early');
  };
  const and = (depth: number): Rule => {
    let left = primary(depth);
    while (accept('AND')) left = { kind: 'and', left, right: primary(depth) };
    return left;
  };
  const or = (depth: number): Rule => {
    let left = and(depth);
    while (accept('OR')) left = { kind: 'or', left, right: and(depth) };
    return left;
  };
  const rule = or(0);
  if (next < tokens.length) throw invalid(`unexpected ${tokens[next]?.text}`);
  return rule;
};

/** Whether the rule holds, given the state of each alarm that it names; an alarm that no longer exists is in no state at all. */
export const holds = (rule: Rule, stateOf: (alarm: string) => AlarmState | undefined): boolean => {
  switch (rule.kind) {
    case 'constant':
      return rule.value;
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'not':
      return !holds(rule.rule, stateOf);
    case 'and':
      return holds(rule.left, stateOf) && holds(rule.right, stateOf);
    case 'or':
      return holds(rule.left, stateOf) || holds(rule.right, stateOf);
  }
};

/** The names or ARNs that a rule mentions, each once, in the order of the rule. */
export const mentioned = (rule: Rule): string[] => {
  const found = new Set<string>();
  const visit = (r: Rule): void => {
    if (r.kind === 'state') found.add(r.alarm);
    else if (r.kind === 'not') visit(r.rule);
    else if (r.kind !== 'constant') {
      visit(r.left);
      visit(r.right);
    }
  };
  visit(rule);
  return [...found];
};
