import type { Verdict } from '../model/classification.ts';
import type { ClassificationRules } from '../model/classification-rules.ts';
import type { Budget } from '../signals/bounds.ts';
import { decodeEach, type InRecord, type Rejection } from '../signals/decode.ts';
import { classify } from './classify.ts';

/** One thing that an event says, and what it means; or one record of it that says nothing. */
export type ReadPart = ({ verdict: Verdict } & InRecord) | { rejection: Rejection };

/** All that an event says, decoded and classified one after the other. Never throws. */
export const readEach = function* (event: unknown, rules?: ClassificationRules, budget?: Budget): Generator<ReadPart> {
  for (const part of decodeEach(event, budget)) {
    if ('rejection' in part) yield part;
    else {
      const { signal, ...where } = part;
      yield { verdict: classify(signal, rules), ...where };
    }
  }
};

/** All of it at once. */
export const readEvent = (event: unknown, rules?: ClassificationRules): { verdicts: Verdict[]; rejected: Rejection[] } => {
  const verdicts: Verdict[] = [];
  const rejected: Rejection[] = [];
  for (const part of readEach(event, rules)) {
    if ('verdict' in part) verdicts.push(part.verdict);
    else rejected.push(part.rejection);
  }
  return { verdicts, rejected };
};
