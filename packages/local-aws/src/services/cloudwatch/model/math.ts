import { AwsError } from '../../../wire/protocol/errors.ts';

/**
 * Metric math: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 * Arithmetic, comparisons, logic and the everyday functions; no SEARCH, no anomaly bands, no Metrics Insights.
 */

/** One value for each period; undefined where there is none. */
export type Series = readonly (number | undefined)[];
type Value = { kind: 'number'; value: number } | { kind: 'series'; values: Series } | { kind: 'list'; items: readonly Series[] };

type Node =
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  | { kind: 'id'; name: string }
  | { kind: 'list'; items: readonly Node[] }
  | { kind: 'unary'; operator: '-' | '!'; operand: Node }
  | { kind: 'binary'; operator: string; left: Node; right: Node }
  | { kind: 'call'; name: string; args: readonly Node[] };

export type Expression = { text: string; root: Node; ids: readonly string[]; usesMetrics: boolean };

const maxDepth = 100;

const invalid = (text: string, why: string) => new AwsError('ValidationError', `Error in expression '${text.slice(0, 200)}': ${why}`);

const tokenPattern = /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|"([^"]*)"|'([^']*)'|(==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],!]))/y;

type Token = { kind: 'number' | 'word' | 'text' | 'symbol'; text: string };

const tokenize = (text: string): Token[] => {
  const pattern = new RegExp(tokenPattern);
  const tokens: Token[] = [];
  while (pattern.lastIndex < text.length) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) {
      if (text.slice(from).trim() === '') break;
      throw invalid(text, `unexpected text at character ${from + 1}`);
    }
    const [, number, word, double, single, symbol] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
    else tokens.push({ kind: 'text', text: double ?? single ?? '' });
  }
  return tokens;
};

/** Loosest first; AND and OR may be written as words. */
const levels: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/'], ['^']];
const wordOperators: Readonly<Record<string, string>> = { AND: '&&', OR: '||' };

/** Parses an expression. Throws `ValidationError` for what is not one. */
export const parseExpression = (text: string): Expression => {
  const tokens = tokenize(text);
  const ids = new Set<string>();
  let usesMetrics = false;
  let next = 0;
  const symbolAt = (i: number): string | undefined => {
    const token = tokens[i];
    if (token?.kind === 'symbol') return token.text;
    return token?.kind === 'word' ? wordOperators[token.text] : undefined;
  };
  const accept = (symbol: string): boolean => {
    if (symbolAt(next) !== symbol) return false;
    next++;
    return true;
  };
  const expect = (symbol: string) => {
    if (!accept(symbol)) throw invalid(text, `expected ${symbol}`);
  };
  const items = (end: string, depth: number): Node[] => {
    const list: Node[] = [];
    if (accept(end)) return list;
    do list.push(binary(0, depth));
    while (accept(','));
    expect(end);
    return list;
  };
  const primary = (depth: number): Node => {
    if (depth > maxDepth) throw invalid(text, 'it is nested too deeply');
    if (accept('-')) return { kind: 'unary', operator: '-', operand: primary(depth + 1) };
    if (accept('!')) return { kind: 'unary', operator: '!', operand: primary(depth + 1) };
    if (accept('(')) {
      const inner = binary(0, depth + 1);
      expect(')');
      return inner;
    }
    if (accept('[')) return { kind: 'list', items: items(']', depth + 1) };
    const token = tokens[next++];
    if (!token) throw invalid(text, 'it ends too early');
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.kind === 'text') return { kind: 'text', value: token.text };
    if (token.kind === 'symbol') throw invalid(text, `unexpected ${token.text}`);
    if (!accept('(')) {
      if (/^[a-z]/.test(token.text)) ids.add(token.text);
      return { kind: 'id', name: token.text };
    }
    const name = token.text.toUpperCase();
    if (name === 'METRICS' || name === 'METRIC_COUNT') usesMetrics = true;
    return { kind: 'call', name, args: items(')', depth + 1) };
  };
  const binary = (level: number, depth: number): Node => {
    const operators = levels[level];
    if (!operators) return primary(depth);
    let left = binary(level + 1, depth);
    for (let symbol = symbolAt(next); symbol !== undefined && operators.includes(symbol); symbol = symbolAt(next)) {
      next++;
      left = { kind: 'binary', operator: symbol, left, right: binary(level + 1, depth) };
    }
    return left;
  };
  const root = binary(0, 0);
  if (next < tokens.length) throw invalid(text, `unexpected ${tokens[next]?.text}`);
  return { text, root, ids: [...ids], usesMetrics };
};

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
const truth = (yes: boolean): number => (yes ? 1 : 0);

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '<': (a, b) => truth(a < b),
  '<=': (a, b) => truth(a <= b),
  '>': (a, b) => truth(a > b),
  '>=': (a, b) => truth(a >= b),
  '&&': (a, b) => truth(a !== 0 && b !== 0),
  '||': (a, b) => truth(a !== 0 || b !== 0),
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

const aggregates: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: sum,
  AVG: mean,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
  STDDEV: (values) => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2))),
};

const pointwise: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
};

const present = (values: Series): number[] => values.filter((v) => v !== undefined);

/** What an expression is evaluated against. All series are of the same `length`, oldest first. */
export type Scope = {
  length: number;
  /** Seconds. */
  period: number;
  series(id: string): Series;
  /** The metrics of the request with their ids, without the expressions. */
  metrics(): readonly { id: string; values: Series }[];
};

const fill = (values: Series, how: number | 'REPEAT' | 'LINEAR' | Series): Series => {
  if (typeof how === 'number') return values.map((v) => v ?? how);
  if (typeof how !== 'string') return values.map((v, i) => v ?? how[i]);
  let last: number | undefined;
  let lastAt = -1;
  return values.map((v, i) => {
    if (v !== undefined) {
      last = v;
      lastAt = i;
      return v;
    }
    if (how === 'REPEAT' || last === undefined) return last;
    const nextAt = values.findIndex((later, j) => j > i && later !== undefined);
    return nextAt < 0 ? undefined : last + (((values[nextAt] as number) - last) * (i - lastAt)) / (nextAt - lastAt);
  });
};

/** Evaluates an expression. Throws `ValidationError` for unknown names and for what has no series as its result. */
export const evaluateExpression = (expression: Expression, scope: Scope): Series => {
  const fail = (why: string) => invalid(expression.text, why);

  const combine = (a: Value, b: Value, apply: (a: number, b: number) => number): Value => {
    if (a.kind === 'list' || b.kind === 'list') {
      const length = a.kind === 'list' ? a.items.length : b.kind === 'list' ? b.items.length : 0;
      if (a.kind === 'list' && b.kind === 'list' && a.items.length !== b.items.length) throw fail('lists of different lengths');
      const nth = (v: Value, i: number): Value => (v.kind === 'list' ? { kind: 'series', values: v.items[i] as Series } : v);
      const item = (i: number): Series => {
        const result = combine(nth(a, i), nth(b, i), apply);
        return result.kind === 'series' ? result.values : [];
      };
      return { kind: 'list', items: Array.from({ length }, (_, i) => item(i)) };
    }
    if (a.kind === 'number' && b.kind === 'number') return { kind: 'number', value: apply(a.value, b.value) };
    const at = (v: Value, i: number) => (v.kind === 'number' ? v.value : v.kind === 'series' ? v.values[i] : undefined);
    const values = Array.from({ length: scope.length }, (_, i) => {
      const [x, y] = [at(a, i), at(b, i)];
      return x === undefined || y === undefined ? undefined : finite(apply(x, y));
    });
    return { kind: 'series', values };
  };

  const map = (value: Value, apply: (values: Series) => Series): Value => {
    if (value.kind === 'number') return { kind: 'number', value: apply([value.value])[0] ?? Number.NaN };
    if (value.kind === 'series') return { kind: 'series', values: apply(value.values) };
    return { kind: 'list', items: value.items.map(apply) };
  };

  const call = (name: string, args: readonly Node[]): Value => {
    const arity = (least: number, most = least) => {
      if (args.length < least || args.length > most)
        throw fail(`${name} takes ${least === most ? least : `${least} to ${most}`} arguments`);
    };
    const arg = (i: number): Value => run(args[i] as Node);
    const aggregate = aggregates[name];
    if (aggregate) {
      arity(1);
      const value = arg(0);
      if (value.kind === 'number') return value;
      if (value.kind === 'series') {
        const values = present(value.values);
        return { kind: 'number', value: values.length === 0 ? Number.NaN : aggregate(values) };
      }
      const values = Array.from({ length: scope.length }, (_, i) => {
        const there = present(value.items.map((item) => item[i]));
        return there.length === 0 ? undefined : finite(aggregate(there));
      });
      return { kind: 'series', values };
    }
    const each = pointwise[name];
    if (each) {
      arity(1);
      return map(arg(0), (values) => values.map((v) => (v === undefined ? undefined : finite(each(v)))));
    }
    switch (name) {
      case 'METRICS': {
        arity(0, 1);
        const [wanted] = args;
        if (wanted && wanted.kind !== 'text') throw fail('METRICS takes a text');
        const found = scope.metrics().filter(({ id }) => !wanted || id.includes(wanted.value));
        if (found.length === 0) throw fail('METRICS matches no metric');
        return { kind: 'list', items: found.map(({ values }) => values) };
      }
      case 'METRIC_COUNT': {
        arity(1);
        const value = arg(0);
        return { kind: 'number', value: value.kind === 'list' ? value.items.length : 1 };
      }
      case 'PERIOD':
        arity(1);
        return { kind: 'number', value: scope.period };
      case 'FILL': {
        arity(2);
        const [, how] = args;
        if (how?.kind === 'id' && (how.name === 'REPEAT' || how.name === 'LINEAR')) {
          const { name: way } = how;
          return map(arg(0), (values) => fill(values, way as 'REPEAT' | 'LINEAR'));
        }
        const filler = arg(1);
        if (filler.kind === 'list') throw fail('FILL takes a number or a metric to fill with');
        return map(arg(0), (values) => fill(values, filler.kind === 'number' ? filler.value : filler.values));
      }
      case 'IF': {
        arity(2, 3);
        const [condition, yes, no] = [arg(0), arg(1), args[2] && arg(2)];
        if (condition.kind === 'list' || yes.kind === 'list' || no?.kind === 'list') throw fail('IF takes no lists');
        const at = (v: Value | undefined, i: number) => (v?.kind === 'number' ? v.value : v?.kind === 'series' ? v.values[i] : undefined);
        if (condition.kind === 'number' && yes.kind === 'number' && no?.kind !== 'series') {
          return { kind: 'number', value: condition.value !== 0 ? yes.value : (no?.value ?? Number.NaN) };
        }
        const values = Array.from({ length: scope.length }, (_, i) => {
          const holds = at(condition, i);
          return holds === undefined ? undefined : at(holds !== 0 ? yes : no, i);
        });
        return { kind: 'series', values };
      }
      case 'DIFF':
      case 'RATE':
        arity(1);
        return map(arg(0), (values) =>
          values.map((v, i) => {
            const before = values[i - 1];
            return v === undefined || before === undefined ? undefined : (v - before) / (name === 'RATE' ? scope.period : 1);
          }),
        );
      case 'RUNNING_SUM': {
        arity(1);
        return map(arg(0), (values) => {
          let total = 0;
          return values.map((v) => {
            total += v ?? 0;
            return total;
          });
        });
      }
      case 'FIRST':
      case 'LAST': {
        arity(1);
        const value = arg(0);
        if (value.kind !== 'list') return value;
        return { kind: 'series', values: value.items.at(name === 'FIRST' ? 0 : -1) ?? [] };
      }
      default:
        throw fail(`the function ${name} is not known here`);
    }
  };

  const run = (node: Node): Value => {
    switch (node.kind) {
      case 'number':
        return node;
      case 'text':
        throw fail('a text is not a value');
      case 'id':
        if (!/^[a-z]/.test(node.name)) throw fail(`${node.name} is not known here`);
        return { kind: 'series', values: scope.series(node.name) };
      case 'list':
        return {
          kind: 'list',
          items: node.items.flatMap((item) => {
            const value = run(item);
            if (value.kind === 'number') throw fail('a list holds metrics only');
            return value.kind === 'list' ? value.items : [value.values];
          }),
        };
      case 'unary': {
        const { operator } = node;
        return map(run(node.operand), (values) =>
          values.map((v) => (v === undefined ? undefined : operator === '-' ? -v : truth(v === 0))),
        );
      }
      case 'binary':
        return combine(run(node.left), run(node.right), arithmetic[node.operator] as (a: number, b: number) => number);
      case 'call':
        return call(node.name, node.args);
    }
  };

  const result = run(expression.root);
  if (result.kind === 'list' && result.items.length === 1) return result.items[0] as Series;
  if (result.kind !== 'series') throw fail('the expression does not return exactly one time series');
  return result.values;
};
