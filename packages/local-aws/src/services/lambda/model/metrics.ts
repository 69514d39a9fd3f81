import type { Sample, SamplesSource, ServedMetric } from '../../../core/service-interfaces.ts';
import { concurrencyAt, countsIn, durationsIn, latestOf, type Stream, type Traffic } from './traffic.ts';

/** The values of one stream in a minute, each with how often it occurred: an invocation that was well counts as an error of 0. */
const samplesOf: Readonly<Record<string, (stream: Stream, at: number) => Sample[]>> = {
  Invocations: (stream, at) => [[1, countsIn(stream, at).invocations]],
  Errors: (stream, at) => {
    const { invocations, errors } = countsIn(stream, at);
    return [
      [1, errors],
      [0, invocations - errors],
    ];
  },
  Throttles: (stream, at) => {
    const { invocations, throttles } = countsIn(stream, at);
    return [
      [1, throttles],
      [0, invocations],
    ];
  },
  Duration: durationsIn,
};

/**
 * What a stream is counted under: its function, what the caller named, and the version that ran behind an alias. That Lambda publishes
 * ExecutedVersion for an alias without weights too is assumed; the page has it for "a weighted alias".
 */
const dimensionsOf = (FunctionName: string, { target, version }: Stream): Record<string, string>[] => {
  const Resource = target === '' ? FunctionName : `${FunctionName}:${target}`;
  const isAlias = target !== '' && !/^(\d+|\$LATEST)$/.test(target);
  return [{}, { FunctionName }, { FunctionName, Resource }, ...(isAlias ? [{ FunctionName, Resource, ExecutedVersion: version }] : [])];
};

const same = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);

/** Concurrency is counted for a function and for the account. */
const isConcurrency = (metric: string, dimensions: Readonly<Record<string, string>>) =>
  metric === 'ConcurrentExecutions' && Object.keys(dimensions).every((name) => name === 'FunctionName');

/**
 * Namespace `AWS/Lambda`, every minute in which there are invocations.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html
 */
export const lambdaMetrics =
  ({ streams, names }: Traffic): SamplesSource =>
  (metric, dimensions, at) => {
    const of = Object.hasOwn(samplesOf, metric) ? samplesOf[metric] : undefined;
    const concurrency = isConcurrency(metric, dimensions);
    if (!of && !concurrency) return [];
    const { FunctionName } = dimensions;
    const found = [...(FunctionName === undefined ? names() : [FunctionName])].flatMap((name) =>
      [...streams(name)].filter((stream) => dimensionsOf(name, stream).some((one) => same(one, dimensions))),
    );
    if (of) return found.flatMap((stream) => of(stream, at)).filter((sample) => typeof sample === 'number' || sample[1] > 0);
    const executions = Math.ceil(found.reduce((sum, stream) => sum + concurrencyAt(stream, at), 0) - 1e-6);
    return executions > 0 ? [executions] : [];
  };

/** What there has been data for. */
export function* listLambdaMetrics({ streams, names }: Traffic, now: number): Iterable<ServedMetric> {
  const listed = new Map<string, ServedMetric>();
  for (const functionName of names()) {
    for (const stream of streams(functionName)) {
      const latest = latestOf(stream, now);
      if (latest === undefined) continue;
      for (const dimensions of dimensionsOf(functionName, stream)) {
        for (const name of [...Object.keys(samplesOf), 'ConcurrentExecutions']) {
          if (!Object.hasOwn(samplesOf, name) && !isConcurrency(name, dimensions)) continue;
          const key = JSON.stringify([name, dimensions]);
          listed.set(key, { namespace: 'AWS/Lambda', name, dimensions, latest: Math.max(latest, listed.get(key)?.latest ?? 0) });
        }
      }
    }
  }
  yield* listed.values();
}
