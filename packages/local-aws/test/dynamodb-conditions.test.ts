import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { type Context, type Parse, remembering } from '../src/services/dynamodb/model/conditions.ts';

const { compare } = createRequire(import.meta.url)('dynalite/db') as { compare: unknown };
/** A parser of its own: the one that is loaded may remember already. */
const plain = (): Parse => {
  const require = createRequire(import.meta.url);
  const file = require.resolve('dynalite/db/conditionParser');
  const before = require.cache[file];
  delete require.cache[file];
  const { parse } = require(file) as { parse: Parse };
  if (before) require.cache[file] = before;
  return parse;
};

const said = (parse: Parse, expression: string, attrNames?: Record<string, string>, attrVals?: Record<string, object>) => {
  const all = (things: object = {}) => Object.fromEntries(Object.keys(things).map((name) => [name, true as const]));
  const context: Context = { attrNames, attrVals, unusedAttrNames: all(attrNames), unusedAttrVals: all(attrVals) };
  const outside = { isReserved: (name: string) => name === 'status', compare };
  try {
    const tree = parse(expression, { context: Object.assign(context, outside) });
    return { tree: JSON.parse(JSON.stringify(tree)) as unknown, unused: [context.unusedAttrNames, context.unusedAttrVals] };
  } catch (error) {
    return { error: (error as Error).message };
  }
};

const requests: [expression: string, names?: Record<string, string> | undefined, values?: Record<string, object> | undefined][] = [
  ['attribute_not_exists(pk)'],
  ['holder = :me', undefined, { ':me': { S: 'one' } }],
  ['holder = :me', undefined, { ':me': { S: 'another' } }],
  // Of another type: size is fine, begins_with isn't.
  ['begins_with(pk, :me)', undefined, { ':me': { S: 'a' } }],
  ['begins_with(pk, :me)', undefined, { ':me': { N: '1' } }],
  ['#a = :a AND #b < :b', { '#a': 'first', '#b': 'second' }, { ':a': { S: 'x' }, ':b': { N: '1' } }],
  ['#a = :a AND #b < :b', { '#a': 'third', '#b': 'fourth' }, { ':a': { S: 'y' }, ':b': { N: '2' } }],
  // The same attribute by two names, and by its name and another.
  ['#a = #b', { '#a': 'first', '#b': 'second' }],
  ['#a = #b', { '#a': 'first', '#b': 'first' }],
  ['first = #b', { '#b': 'second' }],
  ['first = #b', { '#b': 'first' }],
  ['#a.items[1] = :v', { '#a': '__proto__' }, { ':v': { NULL: true } }],
  ['#a.items[1] = :v', { '#a': 'constructor' }, { ':v': { BOOL: false } }],
  ['age BETWEEN :low AND :high', undefined, { ':low': { N: '1' }, ':high': { N: '2' } }],
  ['age BETWEEN :low AND :high', undefined, { ':low': { N: '3' }, ':high': { N: '2' } }],
  ['attribute_type(age, :type)', undefined, { ':type': { S: 'N' } }],
  ['attribute_type(age, :type)', undefined, { ':type': { S: 'nothing' } }],
  // What isn't used, or isn't there.
  ['a = :v', { '#never': 'b' }, { ':v': { S: '' }, ':never': { S: '' } }],
  ['a = :v AND #missing = :v', { '#never': 'b' }, { ':v': { S: '' } }],
  ['a = :missing', undefined, { ':v': { S: '' } }],
  ['status = :v', undefined, { ':v': { S: '' } }],
  ['((a = :v))', undefined, { ':v': { S: '' } }],
  ['a = ', undefined, undefined],
];

test('a condition that has been asked before says what it would say if it were asked for the first time', () => {
  const remembered = remembering(plain());
  const each = (parse: Parse) => requests.map(([expression, names, values]) => ({ expression, ...said(parse, expression, names, values) }));
  const expected = each(plain());
  expect(each(remembered)).toEqual(expected);
  expect(each(remembered)).toEqual(expected);
});

test('an expression is parsed once for all its names and values', () => {
  let parsed = 0;
  const parse = plain();
  const remembered = remembering((...args) => {
    parsed++;
    return parse(...args);
  });
  for (let i = 0; i < 10; i++) said(remembered, '#a = :a', { '#a': `name ${i}` }, { ':a': { S: `value ${i}` } });
  expect(parsed).toBe(1);
});
