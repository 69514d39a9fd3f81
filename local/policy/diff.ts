import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../../shared/model/policy.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';

/** A setting that differs. Undefined where there is none; of a list, `entry` says that one entry was added or removed. */
export type Difference = { path: string; kind: 'changed' | 'added' | 'removed' | 'reordered'; was?: unknown; is?: unknown };

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const inList = (list: readonly unknown[], entry: unknown): boolean => list.some((one) => isDeepStrictEqual(one, entry));

const between = (was: unknown, is: unknown, path: string): Difference[] => {
  if (isDeepStrictEqual(was, is)) return [];
  if (isPlain(was) && isPlain(is)) {
    const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return keys.flatMap((key) => between(was[key], is[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(was) && Array.isArray(is)) return betweenLists(was, is, path);
  if (was === undefined) return [{ path, kind: 'added', is }];
  return is === undefined ? [{ path, kind: 'removed', was }] : [{ path, kind: 'changed', was, is }];
};

/** Entries that were changed where they stand, or else those that came and went; of many lists the first match applies, so order counts. */
const betweenLists = (was: readonly unknown[], is: readonly unknown[], path: string): Difference[] => {
  const inPlace =
    was.length === is.length && was.every((entry, i) => isDeepStrictEqual(entry, is[i]) || !(inList(is, entry) || inList(was, is[i])));
  if (inPlace && was.every((entry, i) => isPlain(entry) && isPlain(is[i])))
    return was.flatMap((entry, i) => between(entry, is[i], `${path}[${i}]`));
  const gone = was.flatMap((entry, i) => (inList(is, entry) ? [] : [{ path: `${path}[${i}]`, kind: 'removed' as const, was: entry }]));
  const come = is.flatMap((entry, i) => (inList(was, entry) ? [] : [{ path: `${path}[${i}]`, kind: 'added' as const, is: entry }]));
  const [stayed, stays] = [was.filter((entry) => inList(is, entry)), is.filter((entry) => inList(was, entry))];
  const moved = isDeepStrictEqual(stayed, stays) ? [] : [{ path, kind: 'reordered' as const }];
  return [...gone, ...come, ...moved];
};

/** How the second policy differs from the first, setting by setting. */
export const differencesOf = (a: Policy, b: Policy): Difference[] => between(a, b, '');

/** How a policy differs from the default one. */
export const fromDefault = (policy: Policy): Difference[] => differencesOf(parsePolicy(''), policy);

/** The settings at the top of a policy that aren't as they are by default. */
export const changedSettings = (policy: Policy): Partial<Policy> => {
  const defaults = parsePolicy('') as Record<string, unknown>;
  return Object.fromEntries(Object.entries(policy).filter(([key, value]) => !isDeepStrictEqual(value, defaults[key])));
};

/** A value in words: JSON, without the marks of a lone text or number. */
export const said = (value: unknown): string => {
  if (typeof value === 'string') return value === '' ? '""' : value;
  return JSON.stringify(value) ?? 'nothing';
};

/** A difference in one line. */
export const inWords = ({ path, kind, was, is }: Difference): string =>
  ({
    changed: `${path}: was ${said(was)}, is ${said(is)}`,
    added: `${path}: added ${said(is)}`,
    removed: `${path}: removed ${said(was)}`,
    reordered: `${path}: the same entries in another order`,
  })[kind];
