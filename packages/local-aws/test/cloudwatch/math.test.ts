import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluateExpression, parseExpression, type Series } from '../../src/services/cloudwatch/model/math.ts';

const none = undefined;
const metrics: Readonly<Record<string, Series>> = { m1: [1, 2, none, 4], m2: [10, 0, 30, none], m3: [5, 5, 5, 5] };

const evaluate = (text: string): Series =>
  evaluateExpression(parseExpression(text), {
    length: 4,
    period: 60,
    series: (id) => metrics[id] ?? [],
    metrics: () => Object.entries(metrics).map(([id, values]) => ({ id, values })),
  });

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
describe('metric math', () => {
  test.each<[string, Series]>([
    ['m1', [1, 2, none, 4]],
    ['m1+m2', [11, 2, none, none]],
    ['m1/m2', [0.1, none, none, none]],
    ['-m3 * 2 + 1', [-9, -9, -9, -9]],
    ['m3-1-1', [3, 3, 3, 3]],
    ['100 - m2 ^ 2 / 10', [90, 100, 10, none]],
    ['SUM(METRICS())', [16, 7, 35, 9]],
    ['AVG([m1,m2])', [5.5, 1, 30, 4]],
    ['MIN(METRICS("m"))', [1, 0, 5, 4]],
    ['MAX([m1, m3])', [5, 5, 5, 5]],
    ['m3 + SUM(m1)', [12, 12, 12, 12]],
    ['FILL(m1, 0)', [1, 2, 0, 4]],
    ['FILL(m2, REPEAT)', [10, 0, 30, 30]],
    ['FILL(m1, LINEAR)', [1, 2, 3, 4]],
    ['FILL(m1, m3)', [1, 2, 5, 4]],
    ['IF(m3 > 4, m1, 0)', [1, 2, none, 4]],
    ['IF(m1 >= 2, 1, 0)', [0, 1, none, 1]],
    ['m1 > 1 AND m1 < 4', [0, 1, none, 0]],
    ['m1 > 1 || m1 == 1', [1, 1, none, 1]],
    ['DIFF(m1)', [none, 1, none, none]],
    ['RATE(m1) * PERIOD(m1)', [none, 1, none, none]],
    ['RUNNING_SUM(m3)', [5, 10, 15, 20]],
    ['ABS(0 - m3)', [5, 5, 5, 5]],
    ['CEIL(m3 / 2) - FLOOR(m3 / 2)', [1, 1, 1, 1]],
    ['METRIC_COUNT(METRICS()) * m3', [15, 15, 15, 15]],
  ])('%s', (text, expected) => {
    const result = evaluate(text);
    expect(result.map((value) => (value === undefined ? value : Math.round(value * 1e9) / 1e9))).toEqual(expected);
  });

  test.each([
    '',
    'm1 +',
    '(m1',
    'm1)',
    'SUM(m1)',
    '5',
    'METRICS()',
    'NOSUCH(m1)',
    'IF(m1)',
    'm1 m2',
    'SUM(METRICS("z"))',
    'FILL(m1, UP)',
    'M1 + 1',
    '"x" + m1',
    'm1 $ m2',
  ])('%j is refused', (text) => {
    expect(() => evaluate(text)).toThrow(expect.objectContaining({ code: 'ValidationError' }));
  });

  test('an expression that is nested without end is refused and does not overflow', () => {
    expect(() => parseExpression('('.repeat(20_000))).toThrow(expect.objectContaining({ code: 'ValidationError' }));
  });

  test('arithmetic gives what JavaScript gives', () => {
    type Tree = { text: string; value: number };
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.integer({ min: 1, max: 9 }).map((n): Tree => ({ text: String(n), value: n })),
        fc.constant<Tree>({ text: 'm3', value: 5 }),
        fc.tuple(tie('tree'), fc.constantFrom('+', '-', '*'), tie('tree')).map(
          ([a, sign, b]): Tree => ({
            text: `(${a.text} ${sign} ${b.text})`,
            value: sign === '+' ? a.value + b.value : sign === '-' ? a.value - b.value : a.value * b.value,
          }),
        ),
      ),
    }));
    fc.assert(fc.property(tree, ({ text, value }) => expect(evaluate(`m3 * 0 + ${text}`)[0]).toBe(value + 0)));
  });
});
