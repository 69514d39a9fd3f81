import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Datapoint } from './evaluate.ts';
import { type Expression, evaluateExpression, parseExpression, type Scope, type Series } from './math.ts';
import { type Handle, handleOf, type Metrics, statistic } from './metrics.ts';

/** A query of GetMetricData or of an alarm, parsed once so that it can be evaluated often. */
export type CompiledQuery = { id: string; returns: boolean; label: string | undefined; period: number } & (
  | { kind: 'metric'; handle: Handle; stat: string; unit: string | undefined }
  | { kind: 'expression'; expression: Expression }
);

const idPattern = /^[a-z][a-zA-Z0-9_]{0,254}$/;

const invalid = (message: string) => new AwsError('ValidationError', message);

export const dimensionsOf = (
  dimensions: readonly { Name?: string | undefined; Value?: string | undefined }[] = [],
): Record<string, string> => Object.fromEntries(dimensions.map(({ Name, Value }) => [Name ?? '', Value ?? '']));

/** AWS's own statistics and percentiles; trimmed means and their relatives are not served here. */
export const isStatistic = (name: string): boolean => /^(Average|Sum|Minimum|Maximum|SampleCount|p(100|\d{1,2}(\.\d{0,10})?))$/.test(name);

/**
 * Parses and checks queries: unique ids, known statistics, expressions whose ids exist and don't refer back to themselves. An
 * expression takes the longest period of the metrics it is made of. Throws `ValidationError`.
 */
export const compileQueries = (queries: readonly MetricDataQuery[], internalId = false): CompiledQuery[] => {
  const compiled = queries.map((query): CompiledQuery => {
    const id = query.Id ?? '';
    if (!internalId && !idPattern.test(id)) throw invalid(`Invalid metrics list: the id '${id}' is not valid.`);
    const common = { id, returns: query.ReturnData ?? true, label: query.Label };
    if ((query.MetricStat === undefined) === (query.Expression === undefined)) {
      throw invalid(`Invalid metrics list: exactly one of MetricStat and Expression must be specified for '${id}'.`);
    }
    if (query.Expression !== undefined) {
      return { ...common, kind: 'expression', expression: parseExpression(query.Expression), period: query.Period ?? 0 };
    }
    const { Metric, Stat, Period, Unit } = query.MetricStat ?? {};
    if (!Metric?.MetricName || !Metric.Namespace) throw invalid(`Invalid metrics list: '${id}' names no metric.`);
    if (!Stat || !isStatistic(Stat)) throw invalid(`The value '${Stat ?? ''}' for parameter Stat is not supported.`);
    if (!Period || !isPeriod(Period)) throw invalid('Period must be 1, 5, 10, 20, 30 or a multiple of 60 seconds.');
    const handle = handleOf({ namespace: Metric.Namespace, name: Metric.MetricName, dimensions: dimensionsOf(Metric.Dimensions) });
    return { ...common, kind: 'metric', handle, stat: Stat, unit: Unit, period: Period };
  });
  const byId = new Map(compiled.map((query) => [query.id, query]));
  if (byId.size < compiled.length) throw invalid('Invalid metrics list: the ids must be unique.');

  const periodOf = (query: CompiledQuery, path: readonly string[]): number => {
    if (path.includes(query.id)) throw invalid(`Invalid metrics list: the expression '${query.id}' refers back to itself.`);
    if (query.kind === 'metric' || query.period > 0) return query.period;
    const { expression } = query;
    const parts = expression.usesMetrics ? compiled.filter(({ kind }) => kind === 'metric') : [];
    for (const id of expression.ids) {
      const part = byId.get(id);
      if (!part) throw invalid(`Invalid metrics list: the expression '${query.id}' refers to '${id}', which does not exist.`);
      parts.push(part);
    }
    query.period = Math.max(0, ...parts.map((part) => periodOf(part, [...path, query.id])));
    return query.period;
  };
  for (const query of compiled) {
    periodOf(query, []);
    // Evaluated over no time at all, an expression shows whether its functions, names and kinds of values fit.
    if (query.kind === 'expression') {
      const metrics = compiled.filter(({ kind }) => kind === 'metric').map(({ id }) => ({ id, values: [] }));
      evaluateExpression(query.expression, { length: 0, period: 60, series: () => [], metrics: () => metrics });
    }
  }
  return compiled;
};

export const isPeriod = (seconds: number): boolean => [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);

/** The values of one query in the periods that begin at `starts` (milliseconds), in their order, which is oldest first. */
export const readSeries = (
  metrics: Metrics,
  queries: readonly CompiledQuery[],
  query: CompiledQuery,
  starts: readonly number[],
  period: number,
): Datapoint[] => {
  if (query.kind === 'metric') {
    return starts.map((at) => {
      const stats = metrics.aggregate(query.handle, query.unit, at, at + period * 1000, query.stat.startsWith('p'));
      return { at, value: stats && statistic(stats, query.stat), samples: stats?.samples };
    });
  }
  const known = new Map<string, Series>();
  const valuesOf = (of: CompiledQuery): Series => {
    const present = known.get(of.id);
    if (present) return present;
    const values =
      of.kind === 'metric'
        ? readSeries(metrics, queries, of, starts, period).map(({ value }) => value)
        : evaluateExpression(of.expression, scope);
    known.set(of.id, values);
    return values;
  };
  const scope: Scope = {
    length: starts.length,
    period,
    series: (id) => valuesOf(queries.find((q) => q.id === id) as CompiledQuery),
    metrics: () => queries.filter(({ kind }) => kind === 'metric').map((q) => ({ id: q.id, values: valuesOf(q) })),
  };
  const values = valuesOf(query);
  return starts.map((at, i) => ({ at, value: values[i], samples: undefined }));
};
