import type { LocalAws } from '#local-aws';
import { dayMs, hourMs, minuteMs } from '../../shared/model/duration.ts';
import type { PeopleLog } from './people.ts';
import type { PromiseId } from './promises.ts';

/** What happened in the last minute may not have been seen. */
const grace = minuteMs;

export type GroupBudget = { actions: number | null; windowSeconds: number };

/** Replaced ahead of what AWS has announced: that is no cure, and counts nowhere. */
const announced = new Set(['spot-interruption', 'spot-rebalance', 'instance-retiring']);

type Replaced = { at: number; young: boolean };

/** Members that selfheal has had replaced, and what their groups could do about it. */
export const createReplaced = (
  the: () => LocalAws,
  people: PeopleLog,
  budget: GroupBudget,
  object: (promise: PromiseId, resource: string, text: string) => void,
) => {
  const replaced = new Map<string, Replaced[]>();
  /** Groups that register their members with a target group. */
  const balanced = new Set<string>();

  const checkGivesBack = (name: string, id: string): void => {
    const now = the().world.clock.now();
    const longAgo = (since: number | undefined): boolean => since !== undefined && now - since > grace;
    const last = the().autoScaling.get(name)?.lastLaunch;
    if (last?.failed && longAgo(last.at)) object('group-gives-back', id, `terminated though the last launch of ${name} failed`);
    else if (longAgo(people.broken.get(name))) object('group-gives-back', id, `terminated though ${name} has nothing to launch from`);
    else if (balanced.has(name) && longAgo(people.suspended.get(`${name}/AddToLoadBalancer`)))
      object('group-gives-back', id, `terminated though ${name} registers no successor`);
  };

  const checkBudget = (name: string, id: string): void => {
    const now = the().world.clock.now();
    const group = the().autoScaling.get(name);
    const born = the().ec2.get(id)?.launchedAt ?? 0;
    const before = replaced.get(name) ?? [];
    const lately = before.filter(({ at }) => at > now - dayMs);
    const young = now - born <= hourMs && lately.some(({ at }) => at < born);
    const failedYoung = lately.filter((one) => one.young).length + (young ? 1 : 0);
    replaced.set(name, [...before, { at: now, young }]);
    const most = budget.actions ?? Math.max(3, Math.floor((group?.desired ?? 0) * 0.1));
    const count = before.filter(({ at }) => at > now - budget.windowSeconds * 1000).length + 1;
    if (failedYoung >= 2) object('group-budget', id, `terminated though ${failedYoung} successors in ${name} failed young`);
    else if (count > most) object('group-budget', id, `replacement ${count} in ${name}, of at most ${most}`);
  };

  return {
    /** Somebody has made a group. */
    made: (name: string, targetGroups: readonly string[]): void => {
      if (targetGroups.length > 0) balanced.add(name);
    },
    isBalanced: (name: string | null): boolean => name !== null && balanced.has(name),
    /** selfheal has had a member replaced, for a failure of this class. */
    note: (name: string, id: string, failure: string | undefined): void => {
      checkGivesBack(name, id);
      if (failure === undefined || !announced.has(failure)) checkBudget(name, id);
    },
  };
};
