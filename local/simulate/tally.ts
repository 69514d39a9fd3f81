import * as z from 'zod';
import { type PromiseId, promises } from '../worlds/promises.ts';
import { addHarm, harmSchema, noHarm } from './harm.ts';
import type { Summary } from './pool.ts';
import { drawMix } from './releases.ts';

const count = z.int().min(0);
const violation = z.strictObject({
  promise: z.enum(Object.keys(promises) as PromiseId[]),
  at: z.number(),
  resource: z.string(),
  text: z.string(),
});

/** What worlds came to that have been played, in whatever order. */
export const tallySchema = z.strictObject({
  seeds: count,
  incidents: count,
  actions: count,
  outcomes: z.record(z.string(), count),
  /** Of worlds of releases: whether a rollback was done where it helps, and only there; `wrong` has seeds. */
  decided: z.strictObject({ right: count, wrong: z.array(count) }).optional(),
  harm: harmSchema.optional(),
  broken: z.array(z.strictObject({ seed: count, violations: z.array(violation) })),
});
export type Tally = z.output<typeof tallySchema>;

export const newTally = ({ releases, harm }: { releases: boolean; harm: boolean }): Tally => ({
  ...{ seeds: 0, incidents: 0, actions: 0, outcomes: {} },
  ...(releases ? { decided: { right: 0, wrong: [] } } : {}),
  ...(harm ? { harm: noHarm() } : {}),
  broken: [],
});

/** Adds a world to the others. */
export const addTo = (tally: Tally, run: Summary): void => {
  tally.seeds++;
  tally.incidents += run.incidents;
  tally.actions += run.actions;
  for (const [status, n] of Object.entries(run.outcomes)) tally.outcomes[status] = (tally.outcomes[status] ?? 0) + n;
  if (run.harm && tally.harm) addHarm(tally.harm, run.seed, run.harm);
  if (tally.decided && run.rollbacks === (drawMix(run.seed).rollBack ? 1 : 0)) tally.decided.right++;
  else tally.decided?.wrong.push(run.seed);
  if (run.violations.length > 0) tally.broken.push({ seed: run.seed, violations: run.violations });
};

export const violationsIn = ({ broken }: Tally): number => broken.reduce((sum, { violations }) => sum + violations.length, 0);
