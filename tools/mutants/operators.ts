import { parse } from '@babel/parser';

export const operators = ['condition', 'constant', 'await', 'call', 'return'] as const;

/** One small change of a file's text: what stands from `start` to `end` is replaced. */
export type Mutant = {
  /** From the project's folder. */
  file: string;
  operator: (typeof operators)[number];
  start: number;
  end: number;
  replacement: string;
  /** From 1. */
  line: number;
  /** The lines that it changes, in one, without indentation; and what they become. */
  original: string;
  mutated: string;
};

type Node = { type: string; start: number; end: number } & Record<string, unknown>;
type Change = Pick<Mutant, 'operator' | 'start' | 'end' | 'replacement'>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
const nodesIn = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []);

/** What only the type checker reads. Of `x as T`, `x satisfies T` and `x!` the value remains. */
const typesOnly = (node: Node): boolean => node.type.startsWith('TS') && !isNode(node.expression);

const childrenOf = (node: Node): Node[] =>
  node.type === 'ImportDeclaration' || typesOnly(node)
    ? []
    : node.type.startsWith('TS')
      ? nodesIn(node.expression)
      : Object.entries(node).flatMap(([key, value]) =>
          /[cC]omments$|^(?:loc|extra|typeAnnotation|returnType)$/.test(key) ? [] : nodesIn(value),
        );

/** One more of a count, and twice a figure: that 1,000 is 1,001 is nobody's mistake. */
const otherNumber = (value: number): string => String(Number.isInteger(value) && value < 10 ? value + 1 : 2 * value);

/** `s` or no `s`, in a text for people. */
const choosesWords = (node: Node): boolean =>
  node.type === 'ConditionalExpression' &&
  [node.consequent, node.alternate].every((one) => isNode(one) && /^(?:String|Template)Literal$/.test(one.type));

const isFunction = ({ type }: Node): boolean =>
  /^(?:ArrowFunctionExpression|FunctionExpression|FunctionDeclaration|ObjectMethod|ClassMethod)$/.test(type);

/** The statements that end this function, not one within it. */
const returnsOf = (node: Node): Node[] =>
  node.type === 'ReturnStatement' ? [node] : childrenOf(node).flatMap((child) => (isFunction(child) ? [] : returnsOf(child)));

const swapped: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  findLast: 'find',
  add: 'delete',
};
/** Without such a call the type stays as it is. */
const dropped = new Set(['filter', 'sort', 'toSorted', 'reverse', 'toReversed', 'trim', 'slice', 'toLowerCase', 'toUpperCase']);

const nameOf = (node: unknown): string | null => (isNode(node) && node.type === 'Identifier' ? String(node.name) : null);

const isLiteral = ({ type }: Node): boolean => /^(?:Boolean|Null|Numeric|String)Literal$/.test(type);

/**
 * Every mutant of one file: conditions turned or decided, constants changed and list entries left out, calls not awaited, not made or made
 * of another method, returns left out or swapped with another one of the same function. The words that people read are left alone. All keep the types, or nearly so.
 */
export const mutantsOf = (file: string, source: string): Mutant[] => {
  const text = (node: Node): string => source.slice(node.start, node.end);
  const changes: Change[] = [];
  const { program } = parse(source, { sourceType: 'module', plugins: ['typescript'] });
  /** Names that are known in the whole file. */
  const imported = new Set(
    program.body.flatMap((node) => (node.type === 'ImportDeclaration' ? node.specifiers.map(({ local }) => local.name) : [])),
  );
  const add = (operator: Change['operator'], { start, end }: Pick<Node, 'start' | 'end'>, replacement: string) => {
    if (source.slice(start, end) !== replacement) changes.push({ operator, start, end, replacement });
  };
  const decide = (test: unknown, values: readonly string[]) => {
    for (const node of nodesIn(test)) for (const value of values) add('condition', node, value);
  };
  /** The sign between two operands, alone. */
  const swap = (operator: Change['operator'], node: Node, [left, right]: readonly [unknown, unknown]) => {
    const [sign] = [String(node.operator)];
    const replacement = swapped[sign];
    if (!isNode(left) || !isNode(right) || replacement === undefined) return;
    const start = source.indexOf(sign, left.end);
    if (start < right.start) add(operator, { start, end: start + sign.length }, replacement);
  };

  /** In place of what a function returns: another constant that it returns, and another call that it returns with as many arguments. */
  const swapReturns = (node: Node) => {
    const returned = returnsOf(node).flatMap(({ argument }) => nodesIn(argument));
    for (const one of returned) {
      const other = returned.find((candidate) => (isLiteral(candidate) || imported.has(text(candidate))) && text(candidate) !== text(one));
      if (other) add('return', one, text(other));
      const callee = one.type === 'CallExpression' ? one.callee : null;
      const called = returned.find(
        (candidate) =>
          candidate.type === 'CallExpression' &&
          nameOf(candidate.callee) !== null &&
          nameOf(candidate.callee) !== nameOf(callee) &&
          nodesIn(candidate.arguments).length === nodesIn(one.arguments).length,
      );
      if (nameOf(callee) !== null && called) add('return', callee as Node, nameOf(called.callee) ?? '');
    }
  };

  const visit = (node: Node): void => {
    switch (node.type) {
      case 'BinaryExpression':
        swap(/^[=!<>]/.test(String(node.operator)) ? 'condition' : 'constant', node, [node.left, node.right]);
        break;
      case 'LogicalExpression':
        swap('condition', node, [node.left, node.right]);
        break;
      case 'UnaryExpression':
        if (node.operator === '!') for (const operand of nodesIn(node.argument)) add('condition', node, text(operand));
        break;
      case 'TemplateLiteral':
        for (const child of childrenOf(node)) if (!choosesWords(child)) visit(child);
        return;
      case 'IfStatement':
      case 'ConditionalExpression':
        decide(node.test, ['true', 'false']);
        break;
      case 'WhileStatement':
        decide(node.test, ['false']);
        break;
      case 'BooleanLiteral':
        add('constant', node, String(!node.value));
        break;
      case 'NumericLiteral':
        add('constant', node, otherNumber(Number(node.value)));
        break;
      case 'ArrayExpression': {
        const entries = nodesIn(node.elements);
        if (entries.length < 2 || !entries.every((entry) => isLiteral(entry) || entry.type === 'Identifier')) break;
        for (const [index, entry] of entries.entries()) {
          const next = entries[index + 1];
          const end = next?.start ?? entry.end;
          add('constant', { start: next ? entry.start : (entries[index - 1]?.end ?? entry.start), end }, '');
        }
        break;
      }
      case 'ExpressionStatement': {
        const [expression] = nodesIn(node.expression);
        if (expression?.type === 'AwaitExpression')
          for (const awaited of nodesIn(expression.argument)) add('await', expression, `void ${text(awaited)}`);
        const [call] = expression?.type === 'AwaitExpression' ? nodesIn(expression.argument) : [expression];
        if (call?.type === 'CallExpression') add('call', node, ';');
        break;
      }
      case 'CallExpression': {
        const [callee] = nodesIn(node.callee);
        const method = callee?.type === 'MemberExpression' ? nameOf(callee.property) : null;
        const replacement = method === null ? undefined : swapped[method];
        if (replacement !== undefined) for (const property of nodesIn(callee?.property)) add('call', property, replacement);
        if (method !== null && dropped.has(method))
          for (const object of nodesIn(callee?.object)) add('call', { start: object.end, end: node.end }, '');
        break;
      }
      case 'ReturnStatement':
        if (node.argument === null) add('return', node, ';');
        break;
    }
    if (isFunction(node)) swapReturns(node);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program as unknown as Node);

  const flat = (lines: string): string => lines.trim().replace(/\s*\n\s*/g, ' ');
  return changes
    .map(({ operator, start, end, replacement }) => {
      const from = source.lastIndexOf('\n', start - 1) + 1;
      const to = source.indexOf('\n', end);
      const until = to === -1 ? source.length : to;
      return {
        file,
        operator,
        start,
        end,
        replacement,
        line: source.slice(0, start).split('\n').length,
        original: flat(source.slice(from, until)),
        mutated: flat(source.slice(from, start) + replacement + source.slice(end, until)),
      };
    })
    .sort((a, b) => a.start - b.start || a.end - b.end);
};

export const mutate = (source: string, { start, end, replacement }: Pick<Mutant, 'start' | 'end' | 'replacement'>): string =>
  source.slice(0, start) + replacement + source.slice(end);
