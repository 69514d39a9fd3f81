import type { StandardUnit } from '@aws-sdk/client-cloudwatch';
import { cloudWatchParameters } from '../../../core/model-parameters.ts';
import type { MetricSource, Sample, SamplesSource, ServedMetric } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';

export type MetricId = { namespace: string; name: string; dimensions: Readonly<Record<string, string>> };

/** What is known of a metric in some stretch of time. */
export type Stats = {
  samples: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** How often each value occurred; undefined where only a set of statistics was put. */
  values: Map<number, number> | undefined;
};

export type Datum = Stats & {
  /** Milliseconds since the epoch, whole minutes for standard resolution. */
  at: number;
  unit: StandardUnit;
};

/** A metric with its key worked out once, for whoever asks for it again and again. */
export type Handle = MetricId & { key: string };

const minute = 60_000;
const retention = cloudWatchParameters.minuteDataKeptDays * 24 * 60 * minute;
const tenSeconds = 10_000;

const keyOf = ({ namespace, name, dimensions }: MetricId): string =>
  JSON.stringify([namespace, name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

export const handleOf = (id: MetricId): Handle => ({ ...id, key: keyOf(id) });

const merge = (into: Stats | undefined, more: Stats): Stats => {
  if (!into) {
    const { samples, sum, minimum, maximum, values } = more;
    return { samples, sum, minimum, maximum, values: values && new Map(values) };
  }
  into.samples += more.samples;
  into.sum += more.sum;
  into.minimum = Math.min(into.minimum, more.minimum);
  into.maximum = Math.max(into.maximum, more.maximum);
  if (into.values && more.values) for (const [value, times] of more.values) into.values.set(value, (into.values.get(value) ?? 0) + times);
  else into.values = undefined;
  return into;
};

/** The units in which services publish; whoever asks for another finds nothing. */
const servedUnits: readonly (readonly [RegExp, StandardUnit])[] = [
  [/^CPUUtilization$|_percent$|cpu_usage$/, 'Percent'],
  [
    /^StatusCheckFailed|^NetworkPackets|HostCount$|^RequestCount|^DatabaseConnections$|^HTTPCode_|pid_count$|^(Approximate)?NumberOf/,
    'Count',
  ],
  [/^(Invocations|Errors|Throttles|ConcurrentExecutions)$/, 'Count'],
  [/^Duration$/, 'Milliseconds'],
  [/^AuroraReplicaLag/, 'Milliseconds'],
  [/^(Read|Write)IOPS$/, 'Count/Second'],
  [/^Network(In|Out)$|^mem_(available|free)$|^Free(StorageSpace|ableMemory)$/, 'Bytes'],
  [/^TargetResponseTime$|^(Read|Write)Latency$|^ReplicaLag$|^ApproximateAgeOf/, 'Seconds'],
];

const servedUnit = (name: string): StandardUnit => servedUnits.find(([form]) => form.test(name))?.[1] ?? 'None';

/** The first index whose time is not before `at`. */
const lowerBound = (data: readonly Datum[], at: number): number => {
  let low = 0;
  let high = data.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((data[middle] as Datum).at < at) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * A percentile by linear interpolation between the closest ranks, which AWS doesn't spell out. Undefined where the values are not
 * known: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
const percentile = (stats: Stats, percent: number): number | undefined => {
  if (stats.minimum === stats.maximum) return stats.minimum;
  if (!stats.values) return undefined;
  const sorted = [...stats.values].sort(([a], [b]) => a - b);
  const rank = (percent / 100) * (stats.samples - 1);
  const at = (index: number): number => {
    let seen = 0;
    for (const [value, times] of sorted) {
      seen += times;
      if (index < seen) return value;
    }
    return stats.maximum;
  };
  const below = at(Math.floor(rank));
  return below + (at(Math.ceil(rank)) - below) * (rank - Math.floor(rank));
};

/** One statistic, `Average` or `p99`; undefined where it can't be told. */
export const statistic = (stats: Stats, name: string): number | undefined => {
  switch (name) {
    case 'Average':
      return stats.sum / stats.samples;
    case 'Sum':
      return stats.sum;
    case 'Minimum':
      return stats.minimum;
    case 'Maximum':
      return stats.maximum;
    case 'SampleCount':
      return stats.samples;
    default:
      return percentile(stats, Number(name.slice(1)));
  }
};

/**
 * All metrics: those put by hand, and those that other services answer for on request. A metric that was put by hand is no longer
 * asked of a source.
 */
export const createMetrics = (world: World) => {
  const put = new Map<string, { id: MetricId; data: Datum[] }>();
  const sources = new Map<string, SamplesSource[]>();
  const listings: (() => Iterable<ServedMetric>)[] = [];
  /** The namespaces that have data every ten seconds for those who ask for periods below a minute. */
  const fast = new Set<string>();

  const ask = (handle: Handle, at: number): readonly Sample[] => {
    for (const source of sources.get(handle.namespace) ?? []) {
      const values = source(handle.name, handle.dimensions, at);
      if (values.length > 0) return values;
    }
    return [];
  };

  const addSamples = (namespace: string, source: SamplesSource): void => {
    const present = sources.get(namespace);
    if (present) present.push(source);
    else sources.set(namespace, [source]);
  };

  return {
    addSamples,
    addSource: (namespace: string, source: MetricSource, isFast = false): void => {
      if (isFast) fast.add(namespace);
      addSamples(namespace, (...of) => {
        const value = source(...of);
        return value === undefined ? [] : [value];
      });
    },

    addListing: (list: () => Iterable<ServedMetric>): void => {
      listings.push(list);
    },

    put: (id: MetricId, datum: Datum): void => {
      const key = keyOf(id);
      let metric = put.get(key);
      if (!metric) {
        metric = { id, data: [] };
        put.set(key, metric);
      }
      const { data } = metric;
      const index = lowerBound(data, datum.at + 1);
      const previous = data[index - 1];
      if (previous && previous.at === datum.at && previous.unit === datum.unit) merge(previous, datum);
      else data.splice(index, 0, datum);
      const expired = lowerBound(data, world.clock.now() - retention);
      if (expired > 0) data.splice(0, expired);
    },

    /** The metrics that were put by hand, in the order in which they appeared, and those that other services list. */
    list: (): { id: MetricId; latest: number }[] => {
      const served = listings.flatMap((list) => [...list()].map(({ latest, ...id }) => ({ id, latest })));
      return [
        ...[...put.values()].map(({ id, data }) => ({ id, latest: data.at(-1)?.at ?? 0 })),
        ...served.filter(({ id }) => !put.has(keyOf(id))),
      ];
    },

    /**
     * What is known of a metric from `from` up to, and not including, `to`. Single values are counted where it is asked to be
     * `detailed`: only percentiles need them.
     */
    aggregate: (handle: Handle, unit: string | undefined, from: number, to: number, detailed: boolean): Stats | undefined => {
      const metric = put.get(handle.key);
      let stats: Stats | undefined;
      if (metric) {
        for (let i = lowerBound(metric.data, from); i < metric.data.length; i++) {
          const datum = metric.data[i] as Datum;
          if (datum.at >= to) break;
          if (unit === undefined || datum.unit === unit) stats = merge(stats, datum);
        }
        return stats;
      }
      if (!sources.has(handle.namespace) || (unit !== undefined && unit !== servedUnit(handle.name))) return undefined;
      const step = to - from < minute && fast.has(handle.namespace) ? tenSeconds : minute;
      for (let at = Math.ceil(from / step) * step; at < to; at += step) {
        for (const sample of ask(handle, at + step)) {
          const [value, samples] = typeof sample === 'number' ? [sample, 1] : sample;
          const values = detailed ? new Map([[value, samples]]) : undefined;
          const one = { samples, sum: value * samples, minimum: value, maximum: value, values };
          stats = stats ? merge(stats, one) : one;
        }
      }
      return stats;
    },

    /** The unit of a metric's newest data. */
    unitOf: (handle: Handle): StandardUnit => put.get(handle.key)?.data.at(-1)?.unit ?? servedUnit(handle.name),

    /** The starts of the periods between `from` and `to` in which there may be data, oldest first. */
    periods: (handle: Handle, from: number, to: number, period: number): number[] => {
      const metric = put.get(handle.key);
      const starts: number[] = [];
      if (metric) {
        for (let i = lowerBound(metric.data, from); i < metric.data.length; i++) {
          const { at } = metric.data[i] as Datum;
          if (at >= to) break;
          const start = Math.floor(at / period) * period;
          if (starts.at(-1) !== start) starts.push(start);
        }
      } else if (sources.has(handle.namespace)) {
        // Nothing can have happened before the world began, nor after now.
        const first = Math.max(from, world.start - minute);
        const last = Math.min(to, world.clock.now());
        // Where services publish by the minute, shorter periods are mostly empty.
        const step = Math.max(period, period < minute && fast.has(handle.namespace) ? tenSeconds : minute);
        for (let at = Math.floor(first / step) * step; at < last; at += step) starts.push(Math.floor(at / period) * period);
      }
      return starts;
    },
  };
};

export type Metrics = ReturnType<typeof createMetrics>;
