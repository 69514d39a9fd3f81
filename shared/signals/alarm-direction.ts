import type { Direction } from '../model/signal.ts';
import { type Fields, isFields } from './module.ts';

const above = new Set(['GreaterThanThreshold', 'GreaterThanOrEqualToThreshold', 'GreaterThanUpperThreshold']);
const below = new Set(['LessThanThreshold', 'LessThanOrEqualToThreshold', 'LessThanLowerThreshold']);

const numbers = (value: unknown): number[] => {
  return Array.isArray(value) ? value.slice(0, 200).filter((point): point is number => typeof point === 'number') : [];
};

/** Datapoints that the alarm evaluated, as far as `reasonData` carries them. */
export const datapointsOf = (reasonData: Fields | null): number[] => numbers(reasonData?.recentDatapoints);

/**
 * Whether data were missing and counted as breaching. Read from `reasonData` where there is one; an SNS message has only the sentence
 * that CloudWatch writes. It is the one place where a sentence is read, and it can only ever hold an action back.
 */
export const missingOf = (reasonData: Fields | null, reason: string): 'all' | 'some' | 'none' => {
  if (/no datapoints? (?:was|were) received/i.test(reason)) return 'all';
  if (Array.isArray(reasonData?.recentDatapoints) && datapointsOf(reasonData).length === 0) return 'all';
  if (/missing datapoints? (?:was|were) treated as \[?Breaching/i.test(reason)) return 'some';
  const evaluated = reasonData?.evaluatedDatapoints;
  if (Array.isArray(evaluated) && evaluated.some((point) => isFields(point) && typeof point.value !== 'number')) return 'some';
  return 'none';
};

const side = (point: number, upper: number, lower: number): Direction => {
  if (point > upper) return 'above';
  if (point < lower) return 'below';
  return 'at-threshold';
};

const sides = (data: Fields): Direction[] => {
  const points = datapointsOf(data);
  const upper = numbers(data.recentUpperThresholds);
  const lower = numbers(data.recentLowerThresholds);
  if (upper.length > 0 || lower.length > 0) {
    return points.map((point, index) => {
      const direction = side(point, upper[index] ?? Number.POSITIVE_INFINITY, lower[index] ?? Number.NEGATIVE_INFINITY);
      return direction === 'at-threshold' ? 'unknown' : direction;
    });
  }
  const threshold = Number(data.threshold ?? Number.NaN);
  return Number.isNaN(threshold) ? [] : points.map((point) => side(point, threshold, threshold));
};

/** The newest evaluated datapoint's side: its arrival is what made the alarm change state. */
const newestSide = (data: Fields): Direction => {
  const evaluated = data.evaluatedDatapoints;
  const threshold = Number(data.threshold ?? Number.NaN);
  if (!Array.isArray(evaluated) || Number.isNaN(threshold)) return 'unknown';
  let newest: Fields | null = null;
  for (const point of evaluated.slice(0, 200)) {
    if (!isFields(point) || typeof point.timestamp !== 'string' || typeof point.value !== 'number') return 'unknown';
    if (newest === null || point.timestamp > String(newest.timestamp)) newest = point;
  }
  const direction = newest === null ? 'unknown' : side(Number(newest.value), threshold, threshold);
  return direction === 'at-threshold' ? 'unknown' : direction;
};

/** On which side of its threshold an alarm goes off, by its comparison; null where it is either, or none that is known. */
export const sideOf = (operator: string): 'above' | 'below' | null =>
  above.has(operator) ? 'above' : below.has(operator) ? 'below' : null;

type Told = {
  operator: string | null;
  reasonData: Fields | null;
  /** `reasonData` of the OK state before, where there is one. */
  okData: Fields | null;
  missing: 'all' | 'some' | 'none';
};

/**
 * Which way the value went: by the comparison operator where the event has it, else by the datapoints against their threshold.
 * Datapoints exactly on the threshold are settled by the OK state before, whose datapoints lie on the harmless side.
 */
export const directionOf = ({ operator, reasonData, okData, missing }: Told): Direction => {
  if (operator !== null && above.has(operator)) return 'above';
  if (operator !== null && below.has(operator)) return 'below';
  // Points that were missing and counted as breaching say nothing about the side on which the present ones lie.
  if (reasonData === null || missing !== 'none') return 'unknown';
  const found = sides(reasonData);
  if (found.length === 0 || found.includes('unknown')) return 'unknown';
  const off = new Set(found.filter((direction) => direction !== 'at-threshold'));
  if (off.size > 1) return newestSide(reasonData);
  const [only] = off;
  if (only !== undefined && !found.includes('at-threshold')) return only;
  // Some points lie on the threshold itself. Had they been harmless, only a strict operator could have made the others breach.
  const before = okData === null || okData.threshold !== reasonData.threshold ? new Set<Direction>() : new Set(sides(okData));
  if (before.size === 1 && before.has('below') && only !== 'below') return 'above';
  if (before.size === 1 && before.has('above') && only !== 'above') return 'below';
  return only === undefined ? 'at-threshold' : newestSide(reasonData);
};
