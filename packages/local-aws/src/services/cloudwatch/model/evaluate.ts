import type { ComparisonOperator, TreatMissingData } from './alarm.ts';
import type { AlarmState } from './alarm-state.ts';
import { Double, datapointTime, formatDouble, timestamp, writeJavaJson } from './text.ts';

/** One period of an alarm's metric; `value` is undefined where there is no datapoint. */
export type Datapoint = {
  /** Start of the period, in milliseconds since the epoch. */
  at: number;
  value: number | undefined;
  /** How many samples it was made of; undefined for the result of an expression. */
  samples: number | undefined;
};

export type Criteria = {
  evaluationPeriods: number;
  datapointsToAlarm: number | undefined;
  comparison: ComparisonOperator;
  threshold: number;
  treatMissingData: TreatMissingData | undefined;
};

/** `retain`: the alarm keeps the state that it has. */
export type EvaluationResult = {
  state: AlarmState | 'retain';
  /** The datapoints that decided, newest first. */
  used: readonly Datapoint[];
  /** How many missing ones were filled in to make up the evaluation periods. */
  filled: number;
};

export const breaches = (comparison: ComparisonOperator, value: number, threshold: number): boolean => {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
};

/**
 * The state that an alarm's evaluation range gives, by the tables of
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 *
 * `range` is oldest first. Real datapoints win over missing ones however old they are; missing ones are filled in only up to the
 * number of evaluation periods. Where all that is real breaches but is too little, the alarm goes to ALARM only when the oldest of it
 * is as old as the datapoints to alarm ("avoiding premature transitions").
 */
export const evaluate = (range: readonly Datapoint[], criteria: Criteria): EvaluationResult => {
  const { evaluationPeriods: n, comparison, threshold, treatMissingData = 'missing' } = criteria;
  const m = criteria.datapointsToAlarm ?? n;
  const used: Datapoint[] = [];
  let breaching = 0;
  let oldest = 0;
  for (let i = range.length - 1; i >= 0 && used.length < n; i--) {
    const point = range[i] as Datapoint;
    if (point.value === undefined) continue;
    used.push(point);
    if (breaches(comparison, point.value, threshold)) breaching++;
    oldest = range.length - i;
  }
  const filled = n - used.length;
  const resultOf = (state: EvaluationResult['state']): EvaluationResult => ({ state, used, filled });

  if (breaching >= m) return resultOf('ALARM');
  if (filled === 0 || treatMissingData === 'notBreaching') return resultOf('OK');
  if (treatMissingData === 'breaching') return resultOf(breaching + filled >= m ? 'ALARM' : 'OK');
  if (breaching < used.length) return resultOf('OK');
  if (treatMissingData === 'ignore') return resultOf('retain');
  return resultOf(used.length > 0 && oldest >= m ? 'ALARM' : 'INSUFFICIENT_DATA');
};

const comparisonWords: Readonly<Record<ComparisonOperator, string>> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
const be = (n: number): string => (n === 1 ? 'was' : 'were');

/** The reason for a state, in CloudWatch's words. */
export const reasonFor = (state: AlarmState, result: EvaluationResult, criteria: Criteria): string => {
  const { evaluationPeriods: n, comparison, threshold, datapointsToAlarm } = criteria;
  const { used, filled } = result;
  if (state === 'INSUFFICIENT_DATA') return `Insufficient Data: ${count(n, 'datapoint')} ${be(n)} unknown.`;

  const alarming = state === 'ALARM';
  const treatment =
    criteria.treatMissingData === 'breaching' ? 'Breaching' : criteria.treatMissingData === 'notBreaching' ? 'NonBreaching' : undefined;
  const missing = filled > 0 && treatment ? ` and ${count(filled, 'missing datapoint')} ${be(filled)} treated as [${treatment}]` : '';
  if (used.length === 0) return `Threshold Crossed: no datapoints were received for ${count(n, 'period')}${missing}.`;

  const shown = used.filter(({ value }) => breaches(comparison, value as number, threshold) === alarming);
  const list = shown.map(({ at, value }) => `${formatDouble(value as number)} (${datapointTime(at)})`).join(', ');
  const crossed = `${alarming ? '' : 'not '}${comparisonWords[comparison]} the threshold (${formatDouble(threshold)})`;
  if (datapointsToAlarm === undefined) {
    return missing
      ? `Threshold Crossed: ${count(used.length, 'datapoint')} ${be(used.length)} received for ${count(n, 'period')}${missing}.`
      : `Threshold Crossed: ${count(shown.length, 'datapoint')} [${list}] ${be(shown.length)} ${crossed}.`;
  }
  const minimum = alarming ? datapointsToAlarm : n - datapointsToAlarm + 1;
  const transition = `(minimum ${count(minimum, 'datapoint')} for ${alarming ? 'OK -> ALARM' : 'ALARM -> OK'} transition)`;
  return `Threshold Crossed: ${shown.length} out of the last ${n} datapoints [${list}] ${be(shown.length)} ${crossed}${missing} ${transition}.`;
};

/** The same reason for machines: a JSON string. `queriedAt` is the time of the evaluation. */
export const reasonDataFor = (
  range: readonly Datapoint[],
  result: EvaluationResult,
  alarm: { threshold: number; period: number; evaluationPeriods: number; statistic: string | undefined; unit: string | undefined },
  queriedAt: number,
): string => {
  const { used } = result;
  const first = used.at(-1);
  const evaluated =
    used.length > 0
      ? used
      : range
          .slice(-alarm.evaluationPeriods)
          .reverse()
          .map(({ at }) => ({ at, value: undefined, samples: undefined }));
  return writeJavaJson({
    version: '1.0',
    queryDate: timestamp(queriedAt),
    startDate: first && timestamp(first.at),
    unit: alarm.unit,
    statistic: alarm.statistic,
    period: alarm.period,
    recentDatapoints: used.map(({ value }) => new Double(value as number)).reverse(),
    threshold: new Double(alarm.threshold),
    evaluatedDatapoints: evaluated.map(({ at, value, samples }) => ({
      timestamp: timestamp(at),
      sampleCount: samples === undefined ? undefined : new Double(samples),
      value: value === undefined ? undefined : new Double(value),
    })),
  });
};
