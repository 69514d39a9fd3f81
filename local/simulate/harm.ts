import * as z from 'zod';
import type { WrittenScenario } from '../worlds/schema.ts';

/**
 * Users' requests in a world: how many there were, how many failed, how many of the same would have failed without selfheal, and whether it
 * acted on what they go to.
 */
export type Harm = { total: number; failed: number; without: number; acted: boolean };

/** More failed requests than this share of all is beyond what selfheal may cost. */
export const harmBudget = 0.001;
/** Where it acts, this share of the worlds must be better for it; said from so many worlds on. */
export const minBetter = { share: 0.95, worlds: 100 } as const;

/** More failed requests for what selfheal did, as a share of all. */
export const costOf = ({ total, failed, without }: Harm): number => (failed - without) / total;

/** Whether a world is beyond the budget by itself: it costs too much, or differs though nothing was done. */
export const isBeyond = (harm: Harm): boolean => harm.total > 0 && (harm.acted ? costOf(harm) > harmBudget : harm.failed !== harm.without);

const count = z.int().min(0);
/** What many worlds come to. */
export const harmSchema = z.strictObject({
  /** In which there were requests. */
  worlds: count,
  requests: count,
  failed: count,
  /** Failed without selfheal. */
  without: count,
  /** In which selfheal acted on what the requests go to: these are `better`, `equal` or `worse`. */
  acted: count,
  better: count,
  equal: count,
  worse: count,
  /** Worse by more than the budget. */
  beyond: count,
  /** In which it didn't act, and yet not as many failed. */
  differs: count,
  /** The largest share of a world's requests that failed for what selfheal did; null for none. */
  worst: z.strictObject({ seed: count, share: z.number() }).nullable(),
  /** Of the worlds that are beyond the budget or differ. */
  seeds: z.array(count),
});
export type HarmTally = z.output<typeof harmSchema>;

export const noHarm = (): HarmTally => ({
  ...{ worlds: 0, requests: 0, failed: 0, without: 0 },
  ...{ acted: 0, better: 0, equal: 0, worse: 0, beyond: 0, differs: 0, worst: null, seeds: [] },
});

/** Adds a world to what others came to. */
export const addHarm = (tally: HarmTally, seed: number, harm: Harm): void => {
  if (harm.total === 0) return;
  tally.worlds++;
  if (isBeyond(harm)) tally.seeds.push(seed);
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
  beyond === 0 && differs === 0 && (acted < minBetter.worlds || better / acted >= minBetter.share);

/** Requests a second to a target group. It can spare none of its targets: otherwise nobody would notice what is healed, or what that costs. */
const ordinaryPerSecond = 100;

/** A world in which users send requests to every target group, where they don't already. */
export const withRequests = (scenario: WrittenScenario): WrittenScenario => {
  const { fleet, timeline } = scenario;
  const sends = new Set(timeline.flatMap((step) => (step.do === 'send-requests' ? [step.on] : [])));
  // What dies on a target is what users ask.
  const targets = new Set(Object.values(fleet.targetGroups ?? {}).flatMap(({ instances = [] }) => instances));
  const dying = timeline.flatMap((step) =>
    step.do === 'kill-process' && targets.has(step.on) && sends.size === 0
      ? [step, { at: step.at, do: 'sick-target' as const, on: step.on }]
      : [step],
  );
  const sizeOf = (name: string): number =>
    (fleet.targetGroups?.[name]?.instances?.length ?? 0) +
    Object.values(fleet.groups ?? {}).reduce((sum, { targetGroup, desired }) => sum + (targetGroup === name ? desired : 0), 0);
  const more = Object.keys(fleet.targetGroups ?? {})
    .filter((name) => !sends.has(name) && sizeOf(name) > 0)
    .map((on) => {
      return { at: '0s', do: 'send-requests' as const, on, perSecond: ordinaryPerSecond, each: ordinaryPerSecond / sizeOf(on) };
    });
  return { ...scenario, timeline: [...more, ...dying] };
};
