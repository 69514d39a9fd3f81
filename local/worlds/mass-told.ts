import { minuteMs } from '../../shared/model/duration.ts';

type Limits = { maxTogether: () => number; windowSeconds: number; groupShare: number };
type Member = { group: string | null; size: number };

/** As few members never are a mass failure of their group. */
const minOfGroup = 3;

/**
 * How often people are told of what fails together. An incident on an instance that is held and was not acted upon, while so many others
 * fail that single actions must stop, tells the same as the next one.
 */
export const createMassTold = (
  now: () => number,
  limits: Limits,
  memberOf: (id: string) => Member,
  object: (resource: string, text: string) => void,
) => {
  /** When each instance was last seen to fail. */
  const failed = new Map<string, number>();
  let hindered = Number.NEGATIVE_INFINITY;
  const told: { at: number; place: string; id: string }[] = [];

  /** Where so many fail together that it is one cause; null if it is none. */
  const placeOf = (id: string): string | null => {
    const from = now() - limits.windowSeconds * 1000;
    const failing = [...failed].flatMap(([one, at]) => (at >= from ? [one] : []));
    if (failing.length >= limits.maxTogether()) return 'account';
    const { group, size } = memberOf(id);
    if (group === null) return null;
    const own = failing.filter((one) => memberOf(one).group === group).length;
    return own > Math.max(minOfGroup - 1, size * limits.groupShare) ? group : null;
  };

  return {
    fails: (id: string): void => {
      failed.set(id, now());
    },
    /** Something else also holds what would be done. */
    hinders: (): void => {
      hindered = now();
    },
    /** Whether an instance is told of as one of many: `isPlain` if nothing else speaks against an action on it. */
    held: (id: string, isPlain: boolean): void => {
      const place = placeOf(id);
      if (place === null || !isPlain || now() - hindered < 40 * minuteMs) return;
      const before = told.find((one) => one.place === place && one.id !== id && now() - one.at < limits.windowSeconds * 1000);
      if (before) object(id, `is told of as one of many in ${place}, as ${before.id} was`);
      told.push({ at: now(), place, id });
    },
  };
};
