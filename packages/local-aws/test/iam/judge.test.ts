import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Ask, isLike, meets, withVariables } from '../../src/services/iam/model/condition.ts';
import { type Policy, readPolicy } from '../../src/services/iam/model/document.ts';
import { judge } from '../../src/services/iam/model/judge.ts';

const keys: Record<string, readonly string[]> = {
  'aws:one': ['a'],
  'aws:several': ['a', 'b'],
  'aws:none': [],
  'aws:number': ['7'],
  'aws:arn': ['arn:aws:iam::111111111111:role/hub'],
};
const ask: Ask = (key) => (key in keys ? keys[key] : key === 'aws:absent' ? undefined : 'unknown');

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
describe('a condition', () => {
  test.each([
    ['StringEquals', 'aws:one', 'a', true],
    ['StringEquals', 'aws:one', 'A', false],
    ['StringEqualsIgnoreCase', 'aws:one', 'A', true],
    ['StringNotEquals', 'aws:one', 'b', true],
    ['StringNotEquals', 'aws:one', ['a', 'b'], false],
    ['StringNotEquals', 'aws:absent', 'a', true],
    ['StringEquals', 'aws:absent', 'a', false],
    ['StringEqualsIfExists', 'aws:absent', 'a', true],
    ['StringEqualsIfExists', 'aws:one', 'b', false],
    ['StringLike', 'aws:arn', 'arn:*:role/h?b', true],
    ['StringLike', 'aws:arn', 'arn:*:role/h', false],
    ['StringEquals', 'aws:arn', 'arn:*', false],
    ['ArnLike', 'aws:arn', 'arn:aws:iam::*:role/hub', true],
    ['ArnLike', 'aws:arn', 'arn:*:role/hub', false],
    ['ArnEquals', 'aws:arn', 'arn:aws:iam::1*:role/*', true],
    ['ArnNotLike', 'aws:arn', 'arn:aws:iam::2*:role/*', true],
    ['ArnEquals', 'aws:one', 'a', false],
    ['NumericLessThan', 'aws:number', '8', true],
    ['NumericLessThan', 'aws:number', '7', false],
    ['NumericLessThanEquals', 'aws:number', '7', true],
    ['NumericGreaterThanEquals', 'aws:one', '1', false],
    ['Null', 'aws:absent', 'true', true],
    ['Null', 'aws:none', 'true', true],
    ['Null', 'aws:one', 'true', false],
    ['Null', 'aws:one', 'false', true],
    ['ForAllValues:StringEquals', 'aws:several', ['a', 'b', 'c'], true],
    ['ForAllValues:StringEquals', 'aws:several', ['a'], false],
    ['ForAllValues:StringEquals', 'aws:absent', ['a'], true],
    ['ForAnyValue:StringEquals', 'aws:several', ['b'], true],
    ['ForAnyValue:StringEquals', 'aws:absent', ['b'], false],
    ['ForAnyValue:StringNotEquals', 'aws:several', ['b'], true],
    ['ForAllValues:StringNotEquals', 'aws:several', ['b'], false],
    // What this AWS can't judge by.
    ['DateGreaterThan', 'aws:one', '2026-01-01', undefined],
    ['IpAddress', 'aws:one', '10.0.0.0/8', undefined],
    ['constructor', 'aws:one', 'a', undefined],
    ['StringEquals', 'aws:Moon', 'a', undefined],
    ['StringNotEqualsIfExists', 'aws:Moon', 'a', undefined],
    ['NullIfExists', 'aws:one', 'true', undefined],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of policies
    ['StringEquals', 'aws:one', '${aws:one}', true],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of policies
    ['StringNotEquals', 'aws:one', '${aws:absent}', undefined],
  ] as const)('%s of %s and %j is %j', (operator, key, wanted, expected) => {
    const Condition = { [operator]: { [key]: [wanted].flat() } };
    expect(meets({ Condition }, ask)).toBe(expected);
  });

  test('fails where one part does, and otherwise is as unsure as one of its parts', () => {
    const all = (...parts: [string, string, string][]) =>
      Object.fromEntries(parts.map(([operator, key, value]) => [operator, { [key]: [value] }]));
    expect(meets({ Condition: all(['StringEquals', 'aws:one', 'a'], ['Bool', 'aws:Moon', 'true']) }, ask)).toBeUndefined();
    expect(meets({ Condition: all(['Bool', 'aws:Moon', 'true'], ['StringEquals', 'aws:one', 'b']) }, ask)).toBe(false);
  });

  test('takes no value of a variable for a pattern', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of policies
    expect(withVariables('x${aws:tag}', () => ['*'])).toBeUndefined();
  });
});

describe('wildcards', () => {
  test('fit what they were made of, in no time that grows out of bounds', () => {
    const piece = fc.constantFrom('a', 'b', '.', '(', '\n', '$', '^', '*', '?', '[');
    void fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.string({ maxLength: 4 }), (pieces, filled) => {
        const text = pieces.map((one) => (one === '*' ? filled : one === '?' ? 'x' : one)).join('');
        return isLike(pieces.join(''), text);
      }),
    );
    expect(isLike(`${'*a'.repeat(30)}*b`, 'a'.repeat(200))).toBe(false);
  });
});

const action = fc.constantFrom('ec2:RebootInstances', 'ec2:StopInstances', 'ec2:Describe*', 'ec2:*', '*', 'EC2:reboot*', 'ssm:SendCommand');
const resource = fc.constantFrom('*', 'arn:aws:ec2:us-east-1:1:instance/i-1', 'arn:aws:ec2:*:1:instance/*', 'arn:aws:ec2:*:2:instance/*');
const condition = fc.constantFrom(
  undefined,
  { StringEquals: { 'aws:one': 'a' } },
  { StringEquals: { 'aws:one': 'b' } },
  { Odd: { 'aws:one': 'a' } },
);
const statement = fc.record({ Effect: fc.constantFrom('Allow', 'Deny'), Action: action, Resource: resource, Condition: condition });
const documents = fc.array(statement, { maxLength: 4 });
const read = (Statement: object[]): Policy => readPolicy({ Version: '2012-10-17', Statement }, 'identity');
const asked = { action: 'ec2:RebootInstances', resource: 'arn:aws:ec2:us-east-1:1:instance/i-1', ask };

describe('the verdict on a call', () => {
  test('never grows by a denial, never shrinks by a permission, and does not depend on order', () => {
    const rank = { deny: 0, silent: 1, account: 2, allow: 2 };
    const verdict = (statements: object[]) => rank[judge([read(statements)], asked)];
    void fc.assert(
      fc.property(documents, statement, (statements, one) => {
        const [before, after] = [verdict(statements), verdict([...statements, one])];
        expect(one.Effect === 'Deny' ? after <= before : after >= before).toBe(true);
        expect(verdict([...statements, one].reverse())).toBe(after);
        if (!statements.some(({ Effect }) => Effect === 'Allow')) expect(before).toBeLessThan(2);
      }),
    );
  });

  test('is a denial where a denial cannot be judged, and no permission where a permission cannot', () => {
    const Condition = { Odd: { 'aws:one': 'a' } };
    const permit = { Effect: 'Allow', Action: '*', Resource: '*' };
    expect(judge([read([{ ...permit, Condition }])], asked)).toBe('silent');
    expect(judge([read([permit, { ...permit, Effect: 'Deny', Condition }])], asked)).toBe('deny');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of policies
    const unsure = { Effect: 'Deny', Action: '*', NotResource: 'arn:aws:ec2:*:${aws:absent}:*' };
    expect(judge([read([permit, unsure])], asked)).toBe('deny');
  });

  test.each([
    ['no JSON', '{', /invalid Json/],
    ['a statement without resources', { Statement: { Effect: 'Allow', Action: '*' } }, /must contain resources/],
    ['a principal', { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' } }, /should not specify a principal/],
    ['an element that nobody knows', { Statement: { Effect: 'Allow', Action: '*', Resource: '*', NotPrincipal: '*' } }, /can't judge/],
    ['both of what excludes each other', { Statement: { Effect: 'Allow', Action: '*', NotAction: '*', Resource: '*' } }, /either Action/],
    ['another effect', { Statement: { Effect: 'allow', Action: '*', Resource: '*' } }, /Effect/],
  ])('has no policy to go by that has %s', (_what, document, message) => {
    expect(() => readPolicy(document, 'identity')).toThrow(message);
  });
});
