import type { Direction } from '../model/signal.ts';
import { type Fields, isFields } from './module.ts';

const above = new Set(['GreaterThanThreshold', 'GreaterThanOrEqualToThreshold', 'GreaterThanUpperThreshold']);
const below = new Set(['LessThanThreshold', 'LessThanOrEqualToThreshold', 'LessThanLowerThreshold']);

const numbers = (value: unknown): number[] => {
  return Array.isArray(value) ? value.slice(0, 200).filter((point): point is number => typeof point === 'number') : [];
};

/** The datapoints that the alarm evaluated, where `reasonData` has them. */
export const datapointsOf = (reasonData: Fields | null): number[] => numbers(reasonData?.recentDatapoints);

/** What both sentences of missing data have in common. Most have neither, which takes one look and not two. */
const treatment = /datapoints? (?:was|were) [rt]/i;

/**
 * Whether missing data counted as breaching. Read from `reasonData` if there is one; an SNS message only has CloudWatch's sentence. This is
 * the only place that reads a sentence, and it can only prevent an action.
 */
export const missingOf = (reasonData: Fields | null, reason: string): 'all' | 'some' | 'none' => {
  const says = treatment.test(reason);
  if (says && /no datapoints? (?:was|were) received/i.test(reason)) return 'all';
  if (Array.isArray(reasonData?.recentDatapoints) && datapointsOf(reasonData).length === 0) return 'all';
  if (says && /missing datapoints? (?:was|were) treated as \[?Breaching/i.test(reason)) return 'some';
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

/** The side of the newest evaluated datapoint, whose arrival changed the alarm's state. */
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

/** The side of the threshold on which an alarm fires, by its comparison operator; null if it is both or unknown. */
export const sideOf = (operator: string): 'above' | 'below' | null =>
  above.has(operator) ? 'above' : below.has(operator) ? 'below' : null;

type AlarmData = {
  operator: string | null;
  reasonData: Fields | null;
  /** `reasonData` of the previous OK state, if there is one. */
  okData: Fields | null;
  missing: 'all' | 'some' | 'none';
};

/**
 * Which side of the threshold the value is on: by the comparison operator if the event has it, else by the datapoints. Datapoints exactly
 * on the threshold are decided by the previous OK state, whose datapoints lie on the harmless side.
 */
export const directionOf = ({ operator, reasonData, okData, missing }: AlarmData): Direction => {
  if (operator !== null && above.has(operator)) return 'above';
  if (operator !== null && below.has(operator)) return 'below';
  // Missing points that count as breaching say nothing about the side of the others.
  if (reasonData === null || missing !== 'none') return 'unknown';
  const found = sides(reasonData);
  if (found.length === 0 || found.includes('unknown')) return 'unknown';
  const off = new Set(found.filter((direction) => direction !== 'at-threshold'));
  if (off.size > 1) return newestSide(reasonData);
  const [only] = off;
  if (only !== undefined && !found.includes('at-threshold')) return only;
  // Some points lie on the threshold. If that was harmless before, only a strict operator made the others breach.
  const before = okData === null || okData.threshold !== reasonData.threshold ? new Set<Direction>() : new Set(sides(okData));
  if (before.size === 1 && before.has('below') && only !== 'below') return 'above';
  if (before.size === 1 && before.has('above') && only !== 'above') return 'below';
  return only === undefined ? 'at-threshold' : newestSide(reasonData);
};
