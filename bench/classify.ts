import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { readEvent } from '../shared/failures/read.ts';
import { type Measurement, round } from './measurement.ts';

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

/** Microseconds per call, the best of several rounds: what else runs on the machine can only add to it. */
const perCall = (rounds: number, calls: number, run: () => unknown): number => {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    for (let call = 0; call < calls; call++) run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / calls);
  }
  return best;
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
  const calls = quick ? 2_000 : 20_000;
  const rounds = quick ? 5 : 15;
  const fromText = () => readEvent(JSON.parse(text));
  const fromObject = () => readEvent(parsed);
  const jsonOnly = () => JSON.parse(JSON.parse(text).Records[0].Sns.Message);
  const zodOnly = () => plain.parse(parsed);
  for (let call = 0; call < calls; call++) [fromText(), fromObject(), jsonOnly(), zodOnly()];

  const [textCost, objectCost, jsonCost, zodCost] = [fromText, fromObject, jsonOnly, zodOnly].map((run) => perCall(rounds, calls, run)) as [
    number,
    number,
    number,
    number,
  ];
  const { p50, p99, max } = percentiles(calls, fromText);

  const events = quick ? 50_000 : 1_000_000;
  const heapBefore = settledHeap();
  for (let event = 0; event < events; event++) fromObject();
  const growth = Math.max(0, settledHeap() - heapBefore) / 1024 / 1024;

  return [
    { name: 'classify.per_second', value: Math.round(1e6 / objectCost), unit: '1/s' },
    { name: 'classify.per_second_from_text', value: Math.round(1e6 / textCost), unit: '1/s' },
    { name: 'classify.ratio_to_json_parse', value: round(textCost / jsonCost), unit: 'x' },
    { name: 'classify.p50_us', value: round(p50), unit: 'us' },
    { name: 'classify.p99_us', value: round(p99), unit: 'us' },
    { name: 'classify.max_us', value: round(max), unit: 'us' },
    { name: 'classify.json_parse_us', value: round(jsonCost), unit: 'us' },
    { name: 'classify.plain_zod_us', value: round(zodCost), unit: 'us' },
    { name: 'classify.heap_growth_mb', value: round(growth), unit: 'MB' },
  ];
};

/** Bytes in use after a collection, where the collector may be asked (`--expose-gc`); else as it stands. */
const settledHeap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
