import type { WrittenScenario } from '../worlds/schema.ts';

/**
 * Users' requests in a world: how many there were, how many failed, how many of the same would have failed without selfheal, and whether it
 * acted.
 */
export type Harm = { total: number; failed: number; without: number; acted: boolean };

/** More failed requests than this share of all is beyond what selfheal may cost. */
export const harmBudget = 0.001;
/** Where it acts, this share of the worlds must be better for it; said from so many worlds on. */
export const leastBetter = { share: 0.95, worlds: 100 } as const;

/** More failed requests for what selfheal did, as a share of all. */
export const costOf = ({ total, failed, without }: Harm): number => (failed - without) / total;

/** Whether a world is beyond the budget by itself: it costs too much, or differs though nothing was done. */
export const isBeyond = (harm: Harm): boolean =>
  harm.total > 0 && (harm.acted ? costOf(harm) > harmBudget : harm.failed !== harm.without);

/** What many worlds come to. */
export type HarmTally = {
  /** In which there were requests. */
  worlds: number;
  requests: number;
  failed: number;
  /** Failed without selfheal. */
  without: number;
  /** In which selfheal acted: these are `better`, `equal` or `worse`. */
  acted: number;
  better: number;
  equal: number;
  worse: number;
  /** Worse by more than the budget. */
  beyond: number;
  /** In which it didn't act, and yet not as many failed. */
  differs: number;
  worst: { seed: number; share: number } | null;
};

export const noHarm = (): HarmTally => ({
  ...{ worlds: 0, requests: 0, failed: 0, without: 0 },
  ...{ acted: 0, better: 0, equal: 0, worse: 0, beyond: 0, differs: 0, worst: null },
});

/** Adds a world to what others came to. */
export const addHarm = (tally: HarmTally, seed: number, harm: Harm): void => {
  if (harm.total === 0) return;
  tally.worlds++;
  tally.requests += harm.total;
  tally.failed += harm.failed;
  tally.without += harm.without;
  if (!harm.acted) {
    if (harm.failed !== harm.without) tally.differs++;
    return;
  }
  tally.acted++;
  tally[harm.failed < harm.without ? 'better' : harm.failed > harm.without ? 'worse' : 'equal']++;
  const share = costOf(harm);
  if (share > harmBudget) tally.beyond++;
  if (share > (tally.worst?.share ?? 0)) tally.worst = { seed, share };
};

/** Whether selfheal has cost users no more than it may. */
export const isWithinBudget = ({ acted, better, beyond, differs }: HarmTally): boolean =>
  beyond === 0 && differs === 0 && (acted < leastBetter.worlds || better / acted >= leastBetter.share);

/** Requests a second to a target group, and how many of its targets it can spare. */
const ordinary = { perSecond: 100, spare: 1 } as const;

/** A world in which users send requests to every target group, where they don't already. */
export const withRequests = (scenario: WrittenScenario): WrittenScenario => {
  const { fleet, timeline } = scenario;
  const sends = new Set(timeline.flatMap((step) => (step.do === 'send-requests' ? [step.on] : [])));
  const sizeOf = (name: string): number =>
    (fleet.targetGroups?.[name]?.instances?.length ?? 0) +
    Object.values(fleet.groups ?? {}).reduce((sum, { targetGroup, desired }) => sum + (targetGroup === name ? desired : 0), 0);
  const more = Object.keys(fleet.targetGroups ?? {})
    .filter((name) => !sends.has(name) && sizeOf(name) > 0)
    .map((on) => {
      const each = ordinary.perSecond / Math.max(1, sizeOf(on) - ordinary.spare);
      return { at: '0s', do: 'send-requests' as const, on, perSecond: ordinary.perSecond, each };
    });
  return { ...scenario, timeline: [...more, ...timeline] };
};
