import type { Classification } from '../model/classification.ts';
import type { Rules } from '../model/classification-rules.ts';
import type { Budget } from '../signals/bounds.ts';
import { decodeEach, type InRecord, type Rejection } from '../signals/decode.ts';
import type { Trust } from '../signals/senders.ts';
import { classify } from './classify.ts';

/** One verdict of an event and its record, or one rejected record. */
export type ReadPart = { verdict: Classification; where: InRecord } | { rejection: Rejection };

/** Decodes and classifies an event, one signal at a time; with `trust`, holds it to its sender. Never throws. */
export const readEach = function* (event: unknown, rules?: Rules, budget?: Budget, trust?: Trust): Generator<ReadPart> {
  for (const part of decodeEach(event, budget, trust)) {
    yield 'rejection' in part ? part : { verdict: classify(part.signal, rules), where: part.where };
  }
};

/** Decodes and classifies a whole event at once. */
export const readEvent = (event: unknown, rules?: Rules): { verdicts: Classification[]; rejected: Rejection[] } => {
  const verdicts: Classification[] = [];
  const rejected: Rejection[] = [];
  for (const part of decodeEach(event)) {
    if ('rejection' in part) rejected.push(part.rejection);
    else verdicts.push(classify(part.signal, rules));
  }
  return { verdicts, rejected };
};
