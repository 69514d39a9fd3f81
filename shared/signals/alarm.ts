import { type Arn, accountOf, partitionOf } from '../model/arn.ts';
import { excerpt, MalformedEventError } from '../model/malformed.ts';
import { resourceOf } from '../model/resource-id.ts';
import { mustBeWellFormed, typeOfDimension } from '../model/resources/index.ts';
import type { AlarmSignal, Metric } from '../model/signal.ts';
import { datapointsOf, directionOf, missingOf, sideOf } from './alarm-direction.ts';
import { readQuery } from './alarm-query.ts';
import { evidenceOf, type Fields, requireTime } from './module.ts';
import { scalerOf } from './scaler-alarms.ts';

/** The attribute with a contributor's account, in queries across accounts. */
const accountAttribute = 'AWS.AccountId';

/** An item of an alarm's metrics, independent of its envelope's spelling. */
export type AlarmItem = {
  expression: string | null;
  metric: { namespace: string; name: string; statistic: string | null; dimensions: Array<readonly [string, string]> } | null;
  account: string | null;
};

/** An alarm's state change without its envelope. */
export type AlarmFacts = {
  name: string;
  arn: Arn | null;
  account: unknown;
  region: string | null;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  previousState: string | null;
  at: number | null;
  reason: string;
  reasonData: Fields | null;
  previousData: Fields | null;
  operator: string | null;
  threshold: number | null;
  items: AlarmItem[];
  composite: boolean;
  children: string[];
  /** Why CloudWatch suppresses the alarm's actions. */
  suppressed: string | null;
  /** ARNs of the alarm's own actions; null if the event doesn't have them. */
  actions: readonly string[] | null;
  /** Attributes of the contributor that the event is about, if the alarm has many. */
  contributor: Array<readonly [string, string]> | null;
  tags: Record<string, string>;
};

const limits = { dimensions: 60, metrics: 100, children: 100, actions: 20, arn: 1600 };

/** Why a state needs no action; null for ALARM. */
export const settled: Record<AlarmFacts['state'], string | null> = {
  ALARM: null,
  OK: 'the alarm is back to OK',
  INSUFFICIENT_DATA: 'the alarm has insufficient data',
};

/** Only these functions preserve order, so that the direction of the result is that of its metrics. */
const orderKeeping = /^(?:AVG|SUM|MAX|MIN|METRICS|ANOMALY_DETECTION_BAND)$/;
const metricId = /^[a-z]\w*$/;

const isPositive = (token: string | undefined): boolean => Number(token ?? Number.NaN) > 0;
const isFactor = (tokens: readonly string[], at: number): boolean =>
  isPositive(tokens[at]) && tokens[at - 1] !== '/' && (tokens[at - 1] !== '*' || isFactor(tokens, at - 2));

/** Whether every factor and divisor is a positive number: zero makes the result flat, and a metric may invert it. */
const scalesByNumbers = (expression: string): boolean => {
  const tokens = expression.match(/[\w.]+|[^\w.\s]/g) ?? [];
  return tokens.every((token, at) => {
    if (token !== '*' && token !== '/') return true;
    return isPositive(tokens[at + 1]) || (token === '*' && isFactor(tokens, at - 1));
  });
};

/** What a metric will be at its present rate: the more of it there is, and the faster it grows, the more. */
const isForecast = (expression: string): boolean => /^\s*([a-z]\w{0,254})\s*\+\s*RATE\(\s*\1\s*\)\s*\*\s*\d{1,15}\s*$/.test(expression);

const keepsOrder = (expression: string): boolean => {
  if (isForecast(expression)) return true;
  if (expression.length > 2048 || !/^[\w\s()[\],.+*/"']*$/.test(expression)) return false;
  if (!scalesByNumbers(expression)) return false;
  const words = expression.match(/[A-Za-z_]\w*(?:\s*\()?/g) ?? [];
  const functions = words.filter((word) => word.endsWith('('));
  const ids = words.filter((word) => !word.endsWith('('));
  // An expression without metrics says nothing about them.
  if (ids.length === 0 && !functions.some((word) => word.startsWith('METRICS'))) return false;
  return functions.every((word) => orderKeeping.test(word.slice(0, -1).trim())) && ids.every((word) => metricId.test(word));
};

/** Whether it is a metric with zeros for what is missing, which never exceed a threshold above zero. */
const isZeroFilled = (expression: string): boolean => /^\s*FILL\(\s*[a-z]\w{0,254}\s*,\s*0\s*\)\s*$/.test(expression);

const cleanDimensions = (namespace: string, dimensions: ReadonlyArray<readonly [string, string]>): Array<readonly [string, string]> => {
  if (dimensions.length > limits.dimensions) throw new MalformedEventError('dimensions', `more than ${limits.dimensions}`);
  return dimensions.map((dimension) => {
    const [name, value] = dimension;
    const type = typeOfDimension(name);
    const id = type !== undefined && mustBeWellFormed(namespace, name) ? resourceOf(type, value, `dimension ${name}`).id : value.trim();
    return id === value ? dimension : ([name, id] as const);
  });
};

const metricAccount = (value: string): string => {
  const account = accountOf(value);
  if (account === null) throw new MalformedEventError('account of a metric', `not an account: ${excerpt(value)}`);
  return account;
};

const metricsOf = (facts: AlarmFacts): Metric[] => {
  if (facts.items.length > limits.metrics) throw new MalformedEventError('metrics', `more than ${limits.metrics}`);
  const metrics: Metric[] = [];
  for (const { metric, expression, account: named } of facts.items) {
    const account = named === null ? null : metricAccount(named);
    if (metric !== null) {
      metrics.push({
        ...metric,
        dimensions: cleanDimensions(
          metric.namespace,
          facts.contributor === null ? metric.dimensions : [...metric.dimensions, ...facts.contributor],
        ),
        account,
      });
    } else if (expression !== null && facts.contributor !== null) {
      const query = readQuery(expression);
      if (query === null) continue;
      const attributes = [...query.where, ...facts.contributor];
      const read = attributes.findLast(([name]) => name === accountAttribute)?.[1];
      metrics.push({
        ...query,
        dimensions: cleanDimensions(
          query.namespace,
          attributes.filter(([name]) => name !== accountAttribute),
        ),
        account: read === undefined ? account : metricAccount(read),
      });
    }
  }
  return metrics;
};

/**
 * CloudWatch allows five actions per state; more or longer ones are not CloudWatch's.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const actionsOf = (actions: readonly string[]): string[] =>
  actions.slice(0, limits.actions).filter((action) => action.length <= limits.arn);

/** Creates the signal of an alarm's state change, whatever envelope it came in. */
export const alarmSignal = (facts: AlarmFacts): AlarmSignal => {
  const { arn, reason, reasonData, previousState, operator, composite, actions } = facts;
  const name = facts.name.trim();
  if (name === '' || name.length > 255) throw new MalformedEventError('alarm name', `not the name of an alarm: ${excerpt(facts.name)}`);
  const region = facts.region ?? arn?.region ?? null;
  const missing = missingOf(reasonData, reason);
  const metrics = composite ? [] : metricsOf(facts);
  const expressions: string[] = [];
  for (const { expression, metric } of facts.items) if (expression !== null && metric === null) expressions.push(expression);
  const queries = expressions.filter((expression) => /^\s*SELECT\b/i.test(expression));
  const direction = directionOf({
    operator,
    reasonData,
    okData: previousState === 'OK' ? facts.previousData : null,
    missing,
  });
  const ref = { name, arn: arn?.text ?? null };
  const datapoints = datapointsOf(reasonData);
  const scaler = scalerOf(name);
  const quiet = settled[facts.state] ?? facts.suppressed ?? (scaler === null ? null : `the alarm is part of how ${scaler} scales`);
  const threshold = facts.threshold ?? reasonData?.threshold;
  const first = metrics[0];
  const aboveZero = direction === 'above' && typeof threshold === 'number' && threshold > 0;
  const shows = (expression: string): boolean =>
    keepsOrder(expression) || queries.includes(expression) || (aboveZero && isZeroFilled(expression));
  return {
    kind: 'cloudwatch-alarm',
    at: quiet === null ? requireTime(facts.at, 'time of the state change') : (facts.at ?? 0),
    account: accountOf(facts.account) ?? arn?.account ?? null,
    region,
    partition: arn?.partition ?? partitionOf(region),
    quiet,
    alarm: actions === null ? ref : { ...ref, actions: actionsOf(actions) },
    watches: composite ? 'children' : metrics.length === 0 || (queries.length > 0 && facts.contributor === null) ? 'unreadable' : 'metrics',
    metrics,
    direction: expressions.every(shows) ? direction : 'unknown',
    comparable: (operator === null || sideOf(operator) !== null) && expressions.every(keepsOrder) && queries.length === 0,
    datapoints,
    missing,
    children: facts.children.slice(0, limits.children).map((child) => child.slice(0, limits.arn)),
    alarmTags: facts.tags,
    evidence: evidenceOf({
      namespace: first?.namespace,
      metric: first?.name,
      statistic: first?.statistic,
      dimensions: first?.dimensions.map(([key, value]) => `${key}=${value}`).join(', '),
      expression: expressions[0],
      comparison: operator,
      threshold: typeof threshold === 'number' ? threshold : null,
      datapoints: datapoints.slice(-10).join(', '),
      previousState,
      stateReason: reason,
    }),
  };
};
