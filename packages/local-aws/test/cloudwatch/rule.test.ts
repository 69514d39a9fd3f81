import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AlarmState } from '../../src/services/cloudwatch/model/alarm-state.ts';
import { holds, mentioned, parseRule, type Rule } from '../../src/services/cloudwatch/model/rule.ts';

const states: Readonly<Record<string, AlarmState>> = {
  a: 'ALARM',
  'b (x)': 'OK',
  c: 'INSUFFICIENT_DATA',
  'arn:aws:cloudwatch:us-east-1:123456789012:alarm:d': 'ALARM',
};
const evaluate = (text: string) => holds(parseRule(text), (name) => states[name]);

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html, AlarmRule
describe('alarm rules', () => {
  test.each([
    ['ALARM(a)', true],
    ['ALARM("a")', true],
    ["ALARM('a')", true],
    ['OK(a)', false],
    ['OK("b (x)")', true],
    ['INSUFFICIENT_DATA(c)', true],
    ['ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:d)', true],
    ['ALARM(gone)', false],
    ['NOT ALARM(gone)', true],
    ['TRUE', true],
    ['FALSE OR TRUE', true],
    ['TRUE AND FALSE', false],
    ['TRUE OR TRUE AND FALSE', true],
    ['(TRUE OR TRUE) AND FALSE', false],
    ['NOT FALSE AND NOT (FALSE)', true],
    [' ALARM( a )\n AND\tOK("b (x)") ', true],
  ])('%j is %p', (text, expected) => {
    expect(evaluate(text)).toBe(expected);
  });

  test.each([
    '',
    'ALARM',
    'ALARM()',
    'ALARM("")',
    'ALARM(a',
    'ALARM(a) ALARM(a)',
    'AND TRUE',
    'TRUE AND',
    '(TRUE',
    'TRUE)',
    'alarm(a)',
    'ALARM(a b)',
    'NOT',
    'ALARM(a) & OK(a)',
  ])('%j is refused', (text) => {
    expect(() => parseRule(text)).toThrow(expect.objectContaining({ code: 'ValidationError' }));
  });

  test('a rule that is nested without end is refused and does not overflow', () => {
    expect(() => parseRule('('.repeat(5000))).toThrow(expect.objectContaining({ code: 'ValidationError' }));
    expect(() => parseRule('NOT '.repeat(5000))).toThrow(expect.objectContaining({ code: 'ValidationError' }));
  });

  test('the alarms that a rule mentions are each named once, in its order', () => {
    expect(mentioned(parseRule('ALARM(b) OR OK(a) AND NOT ALARM("b")'))).toEqual(['b', 'a']);
  });

  test('what is written of a rule reads back as the same rule', () => {
    const leaf = fc.oneof(
      fc.boolean().map((value): Rule => ({ kind: 'constant', value })),
      fc
        .record({
          state: fc.constantFrom<AlarmState>('ALARM', 'OK', 'INSUFFICIENT_DATA'),
          alarm: fc.string({ minLength: 1, maxLength: 12 }),
        })
        .map(({ state, alarm }): Rule => ({ kind: 'state', state, alarm })),
    );
    const { rule } = fc.letrec<{ rule: Rule }>((tie) => ({
      rule: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.record({ kind: fc.constant('not' as const), rule: tie('rule') }),
        fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), left: tie('rule'), right: tie('rule') }),
      ),
    }));
    const write = (r: Rule): string => {
      switch (r.kind) {
        case 'constant':
          return r.value ? 'TRUE' : 'FALSE';
        case 'state':
          return `${r.state}("${r.alarm.replace(/["\\]/g, '\\$&')}")`;
        case 'not':
          return `NOT (${write(r.rule)})`;
        default:
          return `(${write(r.left)}) ${r.kind.toUpperCase()} (${write(r.right)})`;
      }
    };
    fc.assert(fc.property(rule, (r) => expect(parseRule(write(r))).toEqual(r)));
  });
});
