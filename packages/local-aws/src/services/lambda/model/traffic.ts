import { lambdaParameters } from '../../../core/model-parameters.ts';

const minute = 60_000;

/** Callers name a function alone (an empty `target`), one of its aliases, or one of its versions; `version` is what then runs. */
export type Source = { target: string; version: string };
/** What a stretch of time has of one source: invocations that are asked for in a minute, and what becomes of them. */
export type Flow = Source & { perMinute: number; errors: number; durationMs: number; timeoutMs: number };

/** From `at` on, with what there had been until then. */
type Point = {
  at: number;
  accepted: number;
  throttled: number;
  errors: number;
  durationMs: number;
  timeoutMs: number;
  concurrency: number;
  sums: { accepted: number; throttled: number; failed: number };
};
export type Stream = Source & { points: Point[] };

/** Whole invocations: what a minute has of them is told so that nothing is lost or told twice. */
const whole = (count: number) => Math.floor(count + 1e-6);

/** How long each share of the invocations takes; none takes longer than its timeout, where it ends with an error. */
const durationsOf = (durationMs: number, timeoutMs: number) =>
  lambdaParameters.durations.map(({ share, times }) => ({ share, durationMs: Math.min(timeoutMs, durationMs * times) }));

/** Of those that are accepted. */
const outcomeOf = ({ errors, durationMs, timeoutMs }: Omit<Flow, keyof Source | 'perMinute'>) => {
  let timedOut = 0;
  let mean = 0;
  for (const one of durationsOf(durationMs, timeoutMs)) {
    if (one.durationMs >= timeoutMs) timedOut += one.share;
    mean += one.share * one.durationMs;
  }
  return { errors: 1 - (1 - errors) * (1 - timedOut), meanMs: mean };
};

/** Executions at once, by Little's law. */
export const demandOf = (flows: readonly Flow[]): number =>
  flows.reduce((sum, flow) => sum + (flow.perMinute / minute) * outcomeOf(flow).meanMs, 0);

const pointAt = ({ points }: Stream, at: number): Point | undefined => {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as Point).at <= at) low = middle + 1;
    else high = middle;
  }
  return points[low - 1];
};

/** Counts up to a time. Errors are a share of whole invocations, so that no minute has more of them than of those. */
const sumsAt = (point: Point | undefined, at: number): Point['sums'] => {
  if (!point) return { accepted: 0, throttled: 0, failed: 0 };
  const minutes = (at - point.at) / minute;
  const accepted = point.sums.accepted + point.accepted * minutes;
  return {
    accepted,
    throttled: point.sums.throttled + point.throttled * minutes,
    failed: point.sums.failed + point.errors * (whole(accepted) - whole(point.sums.accepted)),
  };
};

/** What a minute that ends at `at` has of a stream. */
export const countsIn = (stream: Stream, at: number) => {
  // What happens at its end belongs to the next one.
  const before = (time: number) => sumsAt(pointAt(stream, time - 1), time);
  const [from, to] = [before(at - minute), before(at)];
  const count = (of: keyof Point['sums']) => whole(to[of]) - whole(from[of]);
  return { invocations: count('accepted'), throttles: count('throttled'), errors: count('failed') };
};

/** How long the invocations of a minute took, each value with how often it occurred. */
export const durationsIn = (stream: Stream, at: number): [number, number][] => {
  const { invocations } = countsIn(stream, at);
  const point = pointAt(stream, at - 1);
  if (!point || invocations === 0) return [];
  let share = 0;
  let told = 0;
  return durationsOf(point.durationMs, point.timeoutMs).flatMap((one): [number, number][] => {
    share += one.share;
    const times = Math.round(share * invocations) - told;
    told += times;
    return times > 0 ? [[one.durationMs, times]] : [];
  });
};

export const concurrencyAt = (stream: Stream, at: number): number => pointAt(stream, at - 1)?.concurrency ?? 0;

/** When there was last anything to count; undefined where there never was. */
export const latestOf = ({ points }: Stream, now: number): number | undefined => {
  const last = points.at(-1);
  if (last && last.accepted + last.throttled > 0) return now;
  return last && last.sums.accepted + last.sums.throttled > 0 ? last.at : undefined;
};

/** The history of invocations, by function: change points that outlive the function. */
export const createTraffic = () => {
  const streams = new Map<string, Map<string, Stream>>();

  const streamOf = (name: string, { target, version }: Source): Stream => {
    const key = `${target} ${version}`;
    const own = streams.get(name) ?? new Map<string, Stream>();
    const stream = own.get(key) ?? { target, version, points: [] };
    streams.set(name, own.set(key, stream));
    return stream;
  };

  return {
    /** By the function's name. */
    streams: (name: string): Iterable<Stream> => streams.get(name)?.values() ?? [],
    names: (): Iterable<string> => streams.keys(),

    /** From now on a function is invoked so, and this share of it is accepted; what isn't named has ended. */
    set: (at: number, name: string, flows: readonly Flow[], acceptedShare: number): void => {
      const idle = [...(streams.get(name)?.values() ?? [])]
        .filter(({ target, version }) => !flows.some((flow) => flow.target === target && flow.version === version))
        .map(({ target, version, points }): Flow => {
          const { durationMs = 0, timeoutMs = 1 } = points.at(-1) ?? {};
          return { target, version, perMinute: 0, errors: 0, durationMs, timeoutMs };
        });
      for (const flow of [...flows, ...idle]) {
        const stream = streamOf(name, flow);
        const { errors, meanMs } = outcomeOf(flow);
        const accepted = flow.perMinute * acceptedShare;
        const throttled = flow.perMinute - accepted;
        const last = stream.points.at(-1);
        const { durationMs, timeoutMs } = flow;
        const now = { at, accepted, throttled, errors, durationMs, timeoutMs, concurrency: (accepted / minute) * meanMs };
        const same = (of: 'accepted' | 'throttled' | 'errors' | 'durationMs') => last?.[of] === now[of];
        if (same('accepted') && same('throttled') && same('errors') && same('durationMs')) continue;
        const point = { ...now, sums: sumsAt(pointAt(stream, at), at) };
        if (last?.at === at) stream.points[stream.points.length - 1] = point;
        else stream.points.push(point);
      }
    },

    /** Invocations besides those that come all the time, as somebody makes one by hand. */
    add: (
      at: number,
      name: string,
      source: Source & { durationMs: number; timeoutMs: number },
      ended: Readonly<Partial<Record<keyof Point['sums'], number>>>,
    ) => {
      const stream = streamOf(name, source);
      const { durationMs, timeoutMs } = source;
      const last = stream.points.at(-1) ?? { accepted: 0, throttled: 0, errors: 0, concurrency: 0, durationMs, timeoutMs };
      const { accepted, throttled, failed } = sumsAt(pointAt(stream, at), at);
      const sums = {
        accepted: accepted + (ended.accepted ?? 0),
        throttled: throttled + (ended.throttled ?? 0),
        failed: failed + (ended.failed ?? 0),
      };
      if (stream.points.at(-1)?.at === at) stream.points.pop();
      stream.points.push({ ...last, at, sums });
    },
  };
};
export type Traffic = ReturnType<typeof createTraffic>;
