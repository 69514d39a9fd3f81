import { decode, type Rejection } from '../signals/decode.ts';
import { classify } from './classify.ts';
import type { ClassificationRules } from './rules.ts';
import type { Verdict } from './verdict.ts';

/** All that an event says, decoded and classified. Never throws. */
export const readEvent = (event: unknown, rules?: ClassificationRules): { verdicts: Verdict[]; rejected: Rejection[] } => {
  const { signals, rejected } = decode(event);
  return { verdicts: signals.map((signal) => classify(signal, rules)), rejected };
};
