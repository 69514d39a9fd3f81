import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkPattern, matches, type Pattern } from '../../src/services/eventbridge/model/pattern.ts';

const on = (alternatives: unknown[], value: unknown) =>
  matches({ detail: { field: alternatives } } as Pattern, { detail: value === undefined ? {} : { field: value } });

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
describe('event patterns', () => {
  test.each<[unknown[], unknown, boolean]>([
    [['a', 'b'], 'b', true],
    [['a', 'b'], 'c', false],
    [['a'], 'A', false],
    [[''], '', true],
    [[''], undefined, false],
    [[null], null, true],
    [[null], undefined, false],
    [[null], '', false],
    [[true], true, true],
    [[true], 'true', false],
    [[5], 5, true],
    [[5], '5', false],
    [['a'], ['x', 'a'], true],
    [['a'], [], false],
    [[{ exists: true }], null, true],
    [[{ exists: true }], undefined, false],
    [[{ exists: false }], undefined, true],
    [[{ exists: false }], 'a', false],
    [[{ exists: false }], [], true],
    [[{ prefix: 'us-' }], 'us-east-1', true],
    [[{ prefix: 'us-' }], 'eu-west-1', false],
    [[{ prefix: 'us-' }], 5, false],
    [[{ prefix: { 'equals-ignore-case': 'EVENTB' } }], 'eventBridge', true],
    [[{ prefix: { 'equals-ignore-case': 'EVENTB' } }], 'anEventB', false],
    [[{ suffix: '.png' }], 'x.png', true],
    [[{ suffix: '.png' }], 'x.PNG', false],
    [[{ suffix: { 'equals-ignore-case': '.png' } }], 'x.PNG', true],
    [[{ 'equals-ignore-case': 'alice' }], 'ALICE', true],
    [[{ 'equals-ignore-case': 'alice' }], 'alices', false],
    [[{ 'anything-but': 'a' }], 'b', true],
    [[{ 'anything-but': 'a' }], 'a', false],
    [[{ 'anything-but': 'a' }], undefined, false],
    [[{ 'anything-but': 'a' }], null, true],
    [[{ 'anything-but': ['a', 'b'] }], 'b', false],
    [[{ 'anything-but': ['a', 'b'] }], 'c', true],
    [[{ 'anything-but': [100, 200] }], 200, false],
    [[{ 'anything-but': [100, 200] }], 300, true],
    [[{ 'anything-but': { prefix: 'init' } }], 'initializing', false],
    [[{ 'anything-but': { prefix: 'init' } }], 'running', true],
    [[{ 'anything-but': { prefix: ['init', 'run'] } }], 'running', false],
    [[{ 'anything-but': { suffix: ['.png', '.jpg'] } }], 'a.jpg', false],
    [[{ 'anything-but': { suffix: ['.png', '.jpg'] } }], 'a.gif', true],
    [[{ 'anything-but': { 'equals-ignore-case': ['initializing', 'stopped'] } }], 'STOPPED', false],
    [[{ 'anything-but': { 'equals-ignore-case': 'initializing' } }], 'running', true],
    [[{ 'anything-but': { wildcard: '*/lib/*' } }], 'src/lib/a', false],
    [[{ 'anything-but': { wildcard: ['*/lib/*', '*/bin/*'] } }], 'src/app/a', true],
    [[{ 'anything-but': { prefix: '5' } }], 5, true],
    [[{ numeric: ['=', 5] }], 5, true],
    [[{ numeric: ['<', 10] }], 10, false],
    [[{ numeric: ['<=', 10] }], 10, true],
    [[{ numeric: ['>', 0, '<=', 5] }], 0, false],
    [[{ numeric: ['>', 0, '<=', 5] }], 5, true],
    [[{ numeric: ['>', 0, '<=', 5] }], '3', false],
    [[{ cidr: '10.0.0.0/24' }], '10.0.0.255', true],
    [[{ cidr: '10.0.0.0/24' }], '10.0.1.0', false],
    [[{ cidr: '2001:db8::/32' }], '2001:db8:1::5', true],
    [[{ cidr: '10.0.0.0/24' }], 'not an address', false],
    [[{ wildcard: 'dir/*.png' }], 'dir/a/b.png', true],
    [[{ wildcard: 'dir/*.png' }], 'dir/a.png.txt', false],
    [[{ wildcard: '*Simple*' }], 'EventBridgeSimple', true],
    [[{ wildcard: 'a*a' }], 'a', false],
    [[{ wildcard: '*ab*b' }], 'ab', false],
    [[{ wildcard: '*ab*b' }], 'abb', true],
    [[{ wildcard: 'a\\*b' }], 'a*b', true],
    [[{ wildcard: 'a\\*b' }], 'axb', false],
    [[{ prefix: 'x' }, 'a'], 'a', true],
  ])('%j on %j: %p', (alternatives, value, expected) => {
    expect(checkPattern({ field: alternatives })).toBeUndefined();
    expect(on(alternatives, value)).toBe(expected);
  });

  test('all fields must match', () => {
    const pattern = { source: ['aws.ec2'], detail: { state: ['stopped'], 'instance-id': [{ prefix: 'i-' }] } };
    expect(matches(pattern, { source: 'aws.ec2', detail: { state: 'stopped', 'instance-id': 'i-1', more: 1 } })).toBe(true);
    expect(matches(pattern, { source: 'aws.ec2', detail: { state: 'stopped' } })).toBe(false);
    expect(matches(pattern, { source: 'aws.rds', detail: { state: 'stopped', 'instance-id': 'i-1' } })).toBe(false);
    expect(matches(pattern, 'no event')).toBe(false);
  });

  test('one object of an array must match all that is said of it', () => {
    const pattern = { items: { kind: ['volume'], state: ['error'] } };
    expect(
      matches(pattern, {
        items: [
          { kind: 'volume', state: 'ok' },
          { kind: 'disk', state: 'error' },
        ],
      }),
    ).toBe(false);
    expect(
      matches(pattern, {
        items: [
          { kind: 'disk', state: 'ok' },
          { kind: 'volume', state: 'error' },
        ],
      }),
    ).toBe(true);
  });

  test('$or matches where one of its branches does, beside other fields and below them', () => {
    const pattern = { source: ['x'], detail: { $or: [{ a: [1] }, { b: [{ numeric: ['>', 5] }], c: ['y'] }] } };
    expect(matches(pattern, { source: 'x', detail: { a: 1 } })).toBe(true);
    expect(matches(pattern, { source: 'x', detail: { b: 6, c: 'y' } })).toBe(true);
    expect(matches(pattern, { source: 'x', detail: { b: 6, c: 'n' } })).toBe(false);
    expect(matches(pattern, { source: 'z', detail: { a: 1 } })).toBe(false);
  });

  test('absence below a field that is absent itself counts as absence', () => {
    expect(matches({ detail: { a: { b: [{ exists: false }] } } }, { detail: {} })).toBe(true);
    expect(matches({ detail: { a: { b: [{ exists: true }] } } }, { detail: {} })).toBe(false);
  });

  test('names that JavaScript gives to every object are not fields of an event', () => {
    expect(matches({ constructor: { name: ['Object'] } }, {})).toBe(false);
    expect(matches({ toString: [{ exists: false }] }, {})).toBe(true);
  });

  test.each<[unknown, string]>([
    [[], 'Filter is not an object'],
    ['x', 'Filter is not an object'],
    [{}, 'Empty objects are not allowed'],
    [{ a: {} }, 'Empty objects are not allowed'],
    [{ a: [] }, 'Empty arrays are not allowed'],
    [{ a: 'x' }, '"a" must be an object or an array'],
    [{ a: [['x']] }, 'Match value must be String, number, true, false, or null'],
    [{ a: [{ contains: 'x' }] }, 'Unrecognized match type contains'],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }, 'Only one key allowed in match expression'],
    [{ a: [{ exists: 'yes' }] }, 'exists match pattern must be either true or false.'],
    [{ a: [{ prefix: 5 }] }, 'prefix match pattern must be a string'],
    [{ a: [{ numeric: ['>'] }] }, 'Invalid member in numeric match'],
    [{ a: [{ numeric: ['~', 1] }] }, 'Unrecognized numeric range operator'],
    [{ a: [{ numeric: ['>', 5, '<', 5] }] }, 'Bottom must be less than top'],
    [{ a: [{ numeric: ['>', 1, '>', 5] }] }, 'Bad numeric range operator'],
    [{ a: [{ cidr: '10.0.0.0' }] }, "Malformed CIDR, one '/' required"],
    [{ a: [{ wildcard: 'a**b' }] }, 'Consecutive wildcard characters'],
    [{ a: [{ wildcard: 'a\\b' }] }, 'Invalid escape character at pos'],
    [{ a: [{ 'anything-but': [] }] }, 'Value of anything-but must be an array or single string/number value.'],
    [{ a: [{ 'anything-but': ['x', 5] }] }, 'Value of anything-but must be an array or single string/number value.'],
    [{ a: [{ 'anything-but': { numeric: ['>', 5] } }] }, 'Unsupported anything-but pattern: numeric'],
    [{ a: [{ toString: 'x' }] }, 'Unrecognized match type toString'],
  ])('%j is refused', (pattern, reason) => {
    expect(checkPattern(pattern)).toBe(reason);
  });

  const text = fc.string({ maxLength: 8 });

  test('anything-but is the opposite of a match, for every text', () => {
    fc.assert(
      fc.property(fc.array(text.filter(Boolean), { minLength: 1, maxLength: 3 }), text, (wanted, value) => {
        expect(on([{ 'anything-but': wanted }], value)).toBe(!on(wanted, value));
        expect(on([{ 'anything-but': { prefix: wanted } }], value)).toBe(
          !on(
            wanted.map((prefix) => ({ prefix })),
            value,
          ),
        );
      }),
    );
  });

  test('wildcards match as the regular expression that they stand for', () => {
    const sign = fc.constantFrom('a', 'b', '*', '.');
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 6 }), fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 }), (signs, value) => {
        const wildcard = signs.join('').replace(/\*+/g, '*');
        const regular = new RegExp(`^${wildcard.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        expect(on([{ wildcard }], value)).toBe(regular.test(value));
      }),
    );
  });

  test('a wildcard that would make a regular expression crawl is answered at once', () => {
    expect(on([{ wildcard: `${'*a'.repeat(2000)}b` }], 'a'.repeat(100_000))).toBe(false);
  });

  test('what an event has beyond the pattern makes no difference', () => {
    const value = fc.integer({ min: 0, max: 2 });
    const event = fc.dictionary(fc.constantFrom('a', 'b'), value);
    const pattern = fc.dictionary(fc.constantFrom('a', 'b'), fc.array(value, { minLength: 1 }), { minKeys: 1 });
    fc.assert(fc.property(pattern, event, (wanted, before) => matches(wanted, before) === matches(wanted, { ...before, more: 1 })));
  });

  test('an event matches exactly where each field has one of its alternatives', () => {
    const value = fc.integer({ min: 0, max: 2 });
    const event = fc.dictionary(fc.constantFrom('a', 'b'), value);
    const pattern = fc.dictionary(fc.constantFrom('a', 'b'), fc.array(value, { minLength: 1 }), { minKeys: 1 });
    fc.assert(
      fc.property(pattern, event, (wanted, found) => {
        const expected = Object.entries(wanted).every(([key, alternatives]) => key in found && alternatives.includes(found[key] as number));
        expect(matches(wanted, found)).toBe(expected);
        expect(matches({ $or: [wanted, { z: [1] }] }, found)).toBe(expected);
      }),
    );
  });

  test('no pattern and no event makes matching or checking fail', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (pattern, event) => {
        checkPattern(pattern);
        expect(typeof matches((pattern ?? {}) as Pattern, event)).toBe('boolean');
      }),
    );
  });
});
