import type { MetricTransformation } from '@aws-sdk/client-cloudwatch-logs';
import type { CloudWatch } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { type Match, type Pattern, parsePattern } from './pattern.ts';

const minute = 60_000;

export type LogEvent = { timestamp: number; message: string };

export type MetricFilter = {
  name: string;
  pattern: string;
  transformation: MetricTransformation;
  createdAt: number;
  /** Applies it to events that come in: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html */
  apply(events: readonly LogEvent[]): void;
};

/** A number that a field holds, or a text that reads as one; undefined for anything else, and nothing is published then. */
const numberOf = (transformation: MetricTransformation, match: Match): number | undefined => {
  const { metricValue = '' } = transformation;
  const value = metricValue.startsWith('$') ? match.read(metricValue) : metricValue;
  const isNumber = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  return isNumber && Number.isFinite(Number(value)) ? Number(value) : undefined;
};

/** The dimensions by the event's fields; undefined where it lacks one: assumed, nothing is published then. */
const dimensionsOf = ({ dimensions = {} }: MetricTransformation, match: Match): Record<string, string> | undefined => {
  const found = Object.entries(dimensions).map(([name, selector]) => [name, match.read(selector)] as const);
  const missing = found.some(([, value]) => value === undefined || value === null || value === '');
  return missing ? undefined : Object.fromEntries(found.map(([name, value]) => [name, String(value)]));
};

/** Publishes a datum for each event that matches, at the event's own time: assumed. */
export const createMetricFilter = (
  world: World,
  publish: CloudWatch['publish'],
  { name, pattern: source, transformation }: Pick<MetricFilter, 'name' | 'pattern' | 'transformation'>,
): MetricFilter => {
  const pattern: Pattern = parsePattern(source);
  const { metricNamespace: namespace = '', metricName = '', defaultValue, unit = 'None' } = transformation;
  /** The minutes with events that are not over yet, and whether something has been published in each. */
  const minutes = new Map<number, { published: boolean }>();

  const put = (dimensions: Record<string, string>, value: number, at: number) =>
    publish({ namespace, name: metricName, dimensions }, value, { at, unit });

  /** "The value reported to the metric during a period when logs are ingested but no matching logs are found": once a minute, assumed. */
  const reportDefault = (timestamp: number, value: number, published: boolean) => {
    const start = Math.floor(timestamp / minute) * minute;
    let period = minutes.get(start);
    if (!period) {
      const added = { published: false };
      period = added;
      minutes.set(start, added);
      // As its last millisecond is over, so that nothing that belongs to it comes later.
      world.clock.at(start + minute - 1, () => {
        minutes.delete(start);
        if (!added.published) put({}, value, start);
      });
    }
    period.published ||= published;
  };

  return {
    name,
    pattern: source,
    transformation,
    createdAt: world.clock.now(),
    apply: (events) => {
      for (const { timestamp, message } of events) {
        const match = pattern.match(message);
        const value = match && numberOf(transformation, match);
        const dimensions = match && dimensionsOf(transformation, match);
        const publishes = value !== undefined && dimensions !== undefined;
        if (publishes) put(dimensions, value, timestamp);
        if (typeof defaultValue === 'number') reportDefault(timestamp, defaultValue, publishes);
      }
    },
  };
};
