import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ComparisonOperator, TreatMissingData } from '../../src/services/cloudwatch/model/alarm.ts';
import {
  breaches,
  type Criteria,
  type Datapoint,
  evaluate,
  reasonDataFor,
  reasonFor,
} from '../../src/services/cloudwatch/model/evaluate.ts';

const start = Date.UTC(2026, 10, 20, 13, 30);

/** `0` doesn't breach, `X` does, `-` is missing; oldest first, as in AWS's tables. */
const range = (picture: string): Datapoint[] =>
  picture.split(' ').map((sign, i) => ({
    at: start + i * 60_000,
    value: sign === '-' ? undefined : sign === 'X' ? 99 : 1,
    samples: sign === '-' ? undefined : 1,
  }));

const criteria = (more: Partial<Criteria> = {}): Criteria => ({
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  comparison: 'GreaterThanThreshold',
  threshold: 90,
  treatMissingData: 'missing',
  ...more,
});

const treatments: readonly TreatMissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const verdicts = (picture: string, m: number) =>
  treatments.map((treatMissingData) => evaluate(range(picture), criteria({ datapointsToAlarm: m, treatMissingData })).state);

describe('missing data', () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, first table: 3 out of 3
  test.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', 'retain', 'ALARM', 'OK']],
  ])('3 out of 3 with %s is as in the table', (picture, expected) => {
    expect(verdicts(picture, 3)).toEqual(expected);
  });

  // The same page, second table: 2 out of 3
  test.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', 'retain', 'ALARM', 'OK']],
  ])('2 out of 3 with %s is as in the table', (picture, expected) => {
    expect(verdicts(picture, 2)).toEqual(expected);
  });

  // The same page, "Avoiding premature transitions to alarm state"
  test.each(['- - - - X', '- - - X -'])('%s does not go to ALARM at once where three are needed', (picture) => {
    expect(evaluate(range(picture), criteria()).state).not.toBe('ALARM');
  });

  test('how missing data is treated does not matter where enough data is there', () => {
    const sign = fc.constantFrom('0', 'X', '-');
    fc.assert(
      fc.property(fc.array(sign, { minLength: 5, maxLength: 5 }), fc.integer({ min: 1, max: 3 }), (signs, m) => {
        fc.pre(signs.filter((s) => s !== '-').length >= 3);
        expect(new Set(verdicts(signs.join(' '), m)).size).toBe(1);
      }),
    );
  });

  test('without missing data, an alarm is in ALARM exactly when enough of the newest datapoints breach', () => {
    const operator = fc.constantFrom<ComparisonOperator>(
      'GreaterThanThreshold',
      'GreaterThanOrEqualToThreshold',
      'LessThanThreshold',
      'LessThanOrEqualToThreshold',
    );
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 5, maxLength: 5 }),
        operator,
        fc.integer({ min: 1, max: 3 }),
        (values, comparison, m) => {
          const points = values.map((value, i) => ({ at: i, value, samples: 1 }));
          const expected = values.slice(-3).filter((value) => breaches(comparison, value, 2)).length >= m ? 'ALARM' : 'OK';
          expect(evaluate(points, criteria({ comparison, threshold: 2, datapointsToAlarm: m })).state).toBe(expected);
        },
      ),
    );
  });
});

describe('comparisons', () => {
  test.each<[ComparisonOperator, boolean, boolean, boolean]>([
    ['GreaterThanThreshold', false, false, true],
    ['GreaterThanOrEqualToThreshold', false, true, true],
    ['LessThanThreshold', true, false, false],
    ['LessThanOrEqualToThreshold', true, true, false],
  ])('%s tells below, at and above the threshold apart', (comparison, below, at, above) => {
    expect([1, 2, 3].map((value) => breaches(comparison, value, 2))).toEqual([below, at, above]);
  });
});

describe('reasons', () => {
  const reason = (picture: string, more: Partial<Criteria>) => {
    const rules = criteria(more);
    const verdict = evaluate(range(picture), rules);
    return reasonFor(verdict.state === 'retain' ? 'OK' : verdict.state, verdict, rules);
  };
  const one = { evaluationPeriods: 1, datapointsToAlarm: 1 };

  // Wording: the examples of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
  test.each<[string, Partial<Criteria>, string]>([
    [
      'X',
      one,
      'Threshold Crossed: 1 out of the last 1 datapoints [99.0 (20/11/26 13:30:00)] was greater than the threshold (90.0) (minimum 1 datapoint for OK -> ALARM transition).',
    ],
    [
      '0',
      one,
      'Threshold Crossed: 1 out of the last 1 datapoints [1.0 (20/11/26 13:30:00)] was not greater than the threshold (90.0) (minimum 1 datapoint for ALARM -> OK transition).',
    ],
    [
      'X 0 X',
      { datapointsToAlarm: 2 },
      'Threshold Crossed: 2 out of the last 3 datapoints [99.0 (20/11/26 13:32:00), 99.0 (20/11/26 13:30:00)] were greater than the threshold (90.0) (minimum 2 datapoints for OK -> ALARM transition).',
    ],
    [
      'X',
      { evaluationPeriods: 1, datapointsToAlarm: undefined },
      'Threshold Crossed: 1 datapoint [99.0 (20/11/26 13:30:00)] was greater than the threshold (90.0).',
    ],
    [
      '- - X',
      { datapointsToAlarm: 1, treatMissingData: 'notBreaching' },
      'Threshold Crossed: 1 out of the last 3 datapoints [99.0 (20/11/26 13:32:00)] was greater than the threshold (90.0) and 2 missing datapoints were treated as [NonBreaching] (minimum 1 datapoint for OK -> ALARM transition).',
    ],
    [
      '- - -',
      { treatMissingData: 'breaching' },
      'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].',
    ],
    [
      '-',
      { ...one, treatMissingData: 'notBreaching' },
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
    ],
    [
      '- - X',
      { datapointsToAlarm: undefined, treatMissingData: 'breaching' },
      'Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching].',
    ],
    ['- - -', {}, 'Insufficient Data: 3 datapoints were unknown.'],
    ['-', one, 'Insufficient Data: 1 datapoint was unknown.'],
  ])('%s with %j is told in AWS words', (picture, more, expected) => {
    expect(reason(picture, more)).toBe(expected);
  });

  test('the data of a reason is JSON with its numbers as doubles', () => {
    const points = range('- 0 X');
    const rules = criteria({ evaluationPeriods: 2, datapointsToAlarm: 1 });
    const data = reasonDataFor(
      points,
      evaluate(points, rules),
      { threshold: 90, period: 60, evaluationPeriods: 2, statistic: 'Average', unit: undefined },
      start,
    );
    expect(data).toContain('"recentDatapoints":[1.0,99.0],"threshold":90.0');
    expect(JSON.parse(data)).toEqual({
      version: '1.0',
      queryDate: '2026-11-20T13:30:00.000+0000',
      startDate: '2026-11-20T13:31:00.000+0000',
      statistic: 'Average',
      period: 60,
      recentDatapoints: [1, 99],
      threshold: 90,
      evaluatedDatapoints: [
        { timestamp: '2026-11-20T13:32:00.000+0000', sampleCount: 1, value: 99 },
        { timestamp: '2026-11-20T13:31:00.000+0000', sampleCount: 1, value: 1 },
      ],
    });
  });

  test('the data of a reason without any datapoints names the periods that were looked at', () => {
    const points = range('- - - -');
    const rules = criteria({ evaluationPeriods: 2, datapointsToAlarm: 2 });
    const data = JSON.parse(
      reasonDataFor(
        points,
        evaluate(points, rules),
        { threshold: 5, period: 60, evaluationPeriods: 2, statistic: 'Sum', unit: 'Count' },
        start,
      ),
    );
    expect(data).toMatchObject({ unit: 'Count', recentDatapoints: [] });
    expect(data.startDate).toBeUndefined();
    expect(data.evaluatedDatapoints).toEqual([
      { timestamp: '2026-11-20T13:33:00.000+0000' },
      { timestamp: '2026-11-20T13:32:00.000+0000' },
    ]);
  });
});
