import type {
  Datapoint,
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MetricDataResult,
  MetricDatum,
  PutMetricDataInput,
  StandardUnit,
  Statistic,
} from '@aws-sdk/client-cloudwatch';
import { cloudWatchParameters as parameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { page } from '../../../wire/protocol/pages.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation } from '../../../wire/protocol/service.ts';
import { type Datum, handleOf, type MetricId, type Metrics, type Stats, statistic } from '../model/metrics.ts';
import { type CompiledQuery, compileQueries, dimensionsOf, isPeriod, isStatistic, readSeries } from '../model/series.ts';
import {
  badCombination,
  badValue,
  checkCount,
  checkDimensions,
  checkEnum,
  checkLength,
  checkRange,
  missing,
  standardUnits,
} from './check.ts';

const hour = 3_600_000;
const mostData = 1000;
const mostDatapoints = 100_800;
const mostStatistics = 1440;
/** Metrics that had no data in two weeks are no longer listed. */
const listedFor = 14 * 24 * hour;

const finiteInRange = (value: number, name: string): number => {
  // "-2^360 to 2^360", says MetricDatum; NaN and infinity are refused too.
  if (!(Math.abs(value) <= 2 ** 360)) throw badValue(`The value ${value} for parameter ${name} is not valid.`);
  return value;
};

const statsOf = (datum: MetricDatum, name: string): Stats => {
  const { Value, Values, Counts, StatisticValues } = datum;
  if ([Value, Values, StatisticValues].filter((form) => form !== undefined).length !== 1) {
    throw badCombination(`Exactly one of Value, Values and StatisticValues must be specified for ${name}.`);
  }
  if (StatisticValues) {
    const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = StatisticValues;
    if (SampleCount <= 0 || Minimum > Maximum) throw badValue(`The StatisticValues of ${name} are not valid.`);
    for (const value of [SampleCount, Sum, Minimum, Maximum]) finiteInRange(value, name);
    return { samples: SampleCount, sum: Sum, minimum: Minimum, maximum: Maximum, values: undefined };
  }
  const list = Values ?? [Value as number];
  if (list.length === 0 || list.length > 150) throw badValue(`The parameter ${name}.Values must hold 1 to 150 values.`);
  if (Counts && Counts.length !== list.length) throw badValue(`The parameters ${name}.Values and ${name}.Counts must be of the same size.`);
  const values = new Map<number, number>();
  let samples = 0;
  let sum = 0;
  for (const [i, value] of list.entries()) {
    const times = Counts?.[i] ?? 1;
    if (!(times > 0)) throw badValue(`The parameter ${name}.Counts must be greater than 0.`);
    values.set(finiteInRange(value, name), (values.get(value) ?? 0) + times);
    samples += times;
    sum += value * times;
  }
  return { samples, sum, minimum: Math.min(...list), maximum: Math.max(...list), values };
};

/** Metrics in and out: PutMetricData, GetMetricData, GetMetricStatistics, ListMetrics. */
export const metricDataOperations = (world: World, metrics: Metrics) => {
  const readDatum = (datum: MetricDatum, namespace: string, i: number): { id: MetricId; datum: Datum } => {
    const name = `MetricData.member.${i + 1}`;
    const now = world.clock.now();
    if (!datum.MetricName) throw missing(`${name}.MetricName`);
    checkLength(datum.MetricName, 'metricName', 1, 255);
    checkDimensions(datum.Dimensions);
    checkEnum(datum.Unit, 'unit', standardUnits);
    if (datum.StorageResolution !== undefined && datum.StorageResolution !== 1 && datum.StorageResolution !== 60) {
      throw badValue(`The parameter ${name}.StorageResolution must be 1 or 60.`);
    }
    const at = datum.Timestamp?.getTime() ?? now;
    // Two weeks back to two hours ahead: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
    if (at < now - listedFor || at > now + 2 * hour)
      throw badValue(`The parameter ${name}.Timestamp must specify a time within the past two weeks and two hours from now.`);
    const step = datum.StorageResolution === 1 ? 1000 : 60_000;
    return {
      id: { namespace, name: datum.MetricName, dimensions: dimensionsOf(datum.Dimensions) },
      datum: { ...statsOf(datum, name), at: Math.floor(at / step) * step, unit: datum.Unit ?? 'None' },
    };
  };

  const putMetricData = ({ Namespace, MetricData, EntityMetricData }: PutMetricDataInput) => {
    checkLength(Namespace, 'namespace', 1, 255);
    if (Namespace?.startsWith('AWS/')) throw badValue('The value AWS/ for parameter Namespace is invalid.');
    if (EntityMetricData) throw badValue('EntityMetricData is not served here.');
    if (!MetricData?.length) throw missing('MetricData');
    checkCount(MetricData, 'metricData', mostData);
    const read = MetricData.map((datum, i) => readDatum(datum, Namespace as string, i));
    for (const { id, datum } of read) metrics.put(id, datum);
    return {};
  };

  const checkTimes = (start: Date | undefined, end: Date | undefined): { from: number; to: number } => {
    const from = start?.getTime() ?? 0;
    const to = end?.getTime() ?? 0;
    if (from >= to) throw badValue('The parameter StartTime must be less than the parameter EndTime.');
    return { from, to };
  };

  /** The starts of the periods in which a query may have data; an expression has them where any of its metrics does. */
  const startsOf = (
    query: CompiledQuery,
    queries: readonly CompiledQuery[],
    from: number,
    to: number,
    path: readonly string[] = [],
  ): number[] => {
    const period = query.period * 1000;
    if (query.kind === 'metric') return metrics.periods(query.handle, Math.floor(from / period) * period, to, period);
    const { expression } = query;
    const parts = queries.filter(({ id, kind }) => expression.ids.includes(id) || (expression.usesMetrics && kind === 'metric'));
    const found = new Set<number>();
    for (const part of parts) {
      if (path.includes(part.id)) continue;
      for (const start of startsOf({ ...part, period: query.period }, queries, from, to, [...path, query.id])) found.add(start);
    }
    return [...found].sort((a, b) => a - b);
  };

  const visible = (start: number, period: number): boolean => {
    const delay = period < 60 ? parameters.fastIngestionSeconds : parameters.ingestionSeconds;
    // A period that is under way already shows the minutes that are over.
    return start + Math.min(period, 60) * 1000 + delay * 1000 <= world.clock.now();
  };

  const getMetricData = (input: GetMetricDataInput) => {
    const { from, to } = checkTimes(input.StartTime, input.EndTime);
    checkCount(input.MetricDataQueries, 'metricDataQueries', 500);
    checkEnum(input.ScanBy, 'scanBy', ['TimestampDescending', 'TimestampAscending']);
    checkRange(input.MaxDatapoints, 'maxDatapoints', 1);
    const queries = compileQueries(input.MetricDataQueries ?? []);
    const results = queries
      .filter(({ returns }) => returns)
      .map((query) => {
        const starts = startsOf(query, queries, from, to).filter((start) => visible(start, query.period));
        const points = readSeries(metrics, queries, query, starts, query.period).filter(({ value }) => value !== undefined);
        if (input.ScanBy !== 'TimestampAscending') points.reverse();
        return { id: query.id, label: query.label ?? (query.kind === 'metric' ? query.handle.name : query.id), points };
      });
    const { NextToken, ...request } = input;
    const all = results.flatMap(({ id, points }) => points.map((point) => ({ id, point })));
    const { items, next } = page(all, Math.min(input.MaxDatapoints ?? mostDatapoints, mostDatapoints), NextToken, request);
    const byId = Map.groupBy(items, ({ id }) => id);
    return {
      MetricDataResults: results.map(({ id, label, points }): MetricDataResult => {
        const shown = (byId.get(id) ?? []).map(({ point }) => point);
        const complete = next === undefined || shown.at(-1) === points.at(-1);
        return {
          Id: id,
          Label: label,
          Timestamps: shown.map(({ at }) => new Date(at)),
          Values: shown.map(({ value }) => value as number),
          StatusCode: complete ? 'Complete' : 'PartialData',
        };
      }),
      NextToken: next,
      Messages: [],
    };
  };

  const getMetricStatistics = (input: GetMetricStatisticsInput) => {
    const { from, to } = checkTimes(input.StartTime, input.EndTime);
    const { Namespace, MetricName, Dimensions, Statistics, ExtendedStatistics, Period = 0, Unit } = input;
    checkDimensions(Dimensions);
    checkEnum(Unit, 'unit', standardUnits);
    if (!isPeriod(Period)) throw badValue('The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.');
    if (!Statistics?.length && !ExtendedStatistics?.length) throw missing('Statistics');
    for (const name of Statistics ?? []) checkEnum(name, 'statistics', ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']);
    for (const name of ExtendedStatistics ?? [])
      if (!isStatistic(name)) throw badValue(`The value ${name} for parameter ExtendedStatistics is not supported.`);
    if ((to - from) / (Period * 1000) > mostStatistics) {
      throw badCombination(
        `You have requested up to ${Math.floor((to - from) / (Period * 1000))} datapoints, which exceeds the limit of ${mostStatistics}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      );
    }
    const handle = handleOf({ namespace: Namespace ?? '', name: MetricName ?? '', dimensions: dimensionsOf(Dimensions) });
    const period = Period * 1000;
    const Datapoints = metrics
      .periods(handle, Math.floor(from / period) * period, to, period)
      .filter((start) => visible(start, Period))
      .flatMap((start): Datapoint[] => {
        const stats = metrics.aggregate(handle, Unit, start, start + period, ExtendedStatistics !== undefined);
        if (!stats) return [];
        const plain = Object.fromEntries((Statistics ?? []).map((name: Statistic) => [name, statistic(stats, name)]));
        const extended = (ExtendedStatistics ?? []).flatMap((name) => {
          const value = statistic(stats, name);
          return value === undefined ? [] : [[name, value] as const];
        });
        const unit: StandardUnit = Unit ?? metrics.unitOf(handle);
        return [
          {
            Timestamp: new Date(start),
            ...plain,
            ...(extended.length ? { ExtendedStatistics: Object.fromEntries(extended) } : {}),
            Unit: unit,
          },
        ];
      });
    return { Label: MetricName, Datapoints };
  };

  const listMetrics = (input: ListMetricsInput) => {
    const { Namespace, MetricName, Dimensions = [], RecentlyActive, NextToken } = input;
    checkEnum(RecentlyActive, 'recentlyActive', ['PT3H']);
    checkCount(Dimensions, 'dimensions', 10);
    const since = world.clock.now() - (RecentlyActive ? 3 * hour : listedFor);
    const found = metrics
      .list()
      .filter(
        ({ id, latest }) =>
          latest >= since &&
          (Namespace === undefined || id.namespace === Namespace) &&
          (MetricName === undefined || id.name === MetricName) &&
          Dimensions.every(
            ({ Name = '', Value }) => Object.hasOwn(id.dimensions, Name) && (Value === undefined || id.dimensions[Name] === Value),
          ),
      );
    const { NextToken: _, ...request } = input;
    const { items, next } = page(found, 500, NextToken, request);
    return {
      Metrics: items.map(({ id }) => ({
        Namespace: id.namespace,
        MetricName: id.name,
        Dimensions: Object.entries(id.dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
      NextToken: next,
    };
  };

  return {
    PutMetricData: operation<PutMetricDataInput, object>(() => sdk.cloudWatch().PutMetricData$, putMetricData),
    GetMetricData: operation<GetMetricDataInput, GetMetricDataOutput>(() => sdk.cloudWatch().GetMetricData$, getMetricData),
    GetMetricStatistics: operation<GetMetricStatisticsInput, GetMetricStatisticsOutput>(
      () => sdk.cloudWatch().GetMetricStatistics$,
      getMetricStatistics,
    ),
    ListMetrics: operation<ListMetricsInput, ListMetricsOutput>(() => sdk.cloudWatch().ListMetrics$, listMetrics),
  };
};
