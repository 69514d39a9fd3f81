import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { readEvent } from '../shared/failures/read.ts';
import { rulesOf } from '../shared/model/classification-rules.ts';
import { policySchema } from '../shared/model/policy.ts';
import { type Measurement, median, round } from './measurement.ts';

const sample = new URL('../events/cloudwatch-alarm/load-saturated.json', import.meta.url);

/** A plain zod schema of the same event, to see what checking alone costs. */
const plain = z.object({
  Records: z.array(
    z.object({
      EventSource: z.string(),
      EventVersion: z.string(),
      EventSubscriptionArn: z.string(),
      Sns: z.object({
        Type: z.string(),
        MessageId: z.string(),
        TopicArn: z.string(),
        Subject: z.string().nullable(),
        Message: z.string(),
        Timestamp: z.string(),
        SignatureVersion: z.string(),
        Signature: z.string(),
        SigningCertUrl: z.string(),
        UnsubscribeUrl: z.string(),
        MessageAttributes: z.record(z.string(), z.unknown()),
      }),
    }),
  ),
});

/** Rules of a policy for custom alarms, none of which matches the sample: each has to be looked at. */
const manyRules = rulesOf(
  policySchema.parse({
    classification: {
      alarms: Array.from({ length: 500 }, (_, i) => ({
        ...{ namespace: 'Shop/Orders', metric: `Failed${i}`, failure: 'instance-unreachable', direction: 'above' },
        subject: { type: 'instance', dimension: 'InstanceId' },
      })),
    },
  }),
);

type Turn = { cost: number; ratio: number };

/**
 * Microseconds of processor time per call of each, in rounds that take turns: what else runs on the machine comes over all of them alike. The first is what
 * the others are compared with, in the same round.
 */
const inTurns = (rounds: number, calls: number, runs: readonly (() => unknown)[]): Turn[] => {
  const took = runs.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of runs.entries()) {
      const start = process.cpuUsage();
      for (let call = 0; call < calls; call++) run();
      const { user, system } = process.cpuUsage(start);
      took[i]?.push((user + system) / calls);
    }
  }
  const base = took[0] ?? [];
  return took.map((times) => ({ cost: median(times), ratio: median(times.map((time, round) => time / (base[round] ?? Number.NaN))) }));
};

const percentiles = (calls: number, run: () => unknown): { p50: number; p99: number; max: number } => {
  const times = new Float64Array(calls);
  for (let call = 0; call < calls; call++) {
    const start = process.hrtime.bigint();
    run();
    times[call] = Number(process.hrtime.bigint() - start) / 1000;
  }
  times.sort();
  const at = (share: number) => times[Math.min(calls - 1, Math.floor(calls * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};

/**
 * Decoding and classifying one SNS alarm: from text and from a parsed object, beside JSON.parse of the same text (with the message
 * inside) and beside a plain zod check of the envelope, in the same run. `quick` does a twentieth of the work.
 */
export const benchClassify = (quick = false): Measurement[] => {
  const text = JSON.stringify(JSON.parse(readFileSync(sample, 'utf8')));
  const parsed = JSON.parse(text);
  const calls = quick ? 500 : 2_000;
  const rounds = quick ? 21 : 101;
  const fromText = () => readEvent(JSON.parse(text));
  const withRules = () => readEvent(JSON.parse(text), manyRules);
  const fromObject = () => readEvent(parsed);
  const jsonOnly = () => JSON.parse(JSON.parse(text).Records[0].Sns.Message);
  const zodOnly = () => plain.parse(parsed);
  for (let call = 0; call < 20_000; call++) [fromText(), withRules(), fromObject(), jsonOnly(), zodOnly()];

  const [json, whole, ruled, object, zod] = inTurns(rounds, calls, [jsonOnly, fromText, withRules, fromObject, zodOnly]) as [
    Turn,
    Turn,
    Turn,
    Turn,
    Turn,
  ];
  const { p50, p99, max } = percentiles(quick ? 2_000 : 20_000, fromText);

  const events = quick ? 50_000 : 1_000_000;
  const heapBefore = settledHeap();
  for (let event = 0; event < events; event++) fromObject();
  const growth = Math.max(0, settledHeap() - heapBefore) / 1024 / 1024;

  return [
    { name: 'classify.per_second', value: Math.round(1e6 / object.cost), unit: '1/s' },
    { name: 'classify.per_second_from_text', value: Math.round(1e6 / whole.cost), unit: '1/s' },
    { name: 'classify.ratio_to_json_parse', value: round(whole.ratio), unit: 'x' },
    { name: 'classify.ratio_to_json_parse_500_rules', value: round(ruled.ratio), unit: 'x' },
    { name: 'classify.p50_us', value: round(p50), unit: 'us' },
    { name: 'classify.p99_us', value: round(p99), unit: 'us' },
    { name: 'classify.max_us', value: round(max), unit: 'us' },
    { name: 'classify.json_parse_us', value: round(json.cost), unit: 'us' },
    { name: 'classify.plain_zod_us', value: round(zod.cost), unit: 'us' },
    { name: 'classify.heap_growth_mb', value: round(growth), unit: 'MB' },
  ];
};

/** Bytes in use after a collection, where the collector may be asked (`--expose-gc`); else as it stands. */
const settledHeap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
