import * as z from 'zod';
import { hadNoEffect } from '../model/action-result.ts';
import { currentGuardId } from '../model/guard-id.ts';
import { parseJson } from '../model/json.ts';
import { statuses } from '../model/status.ts';
import type { PastItem } from '../ports/past.ts';
import { nameSchema as name } from './schema.ts';

const aboutSchema = z.object({
  failure: name,
  resource: z.object({ type: name, id: z.string().min(1).max(2048) }),
  account: z.string().max(64),
  region: z.string().max(64),
});
const endedSchema = aboutSchema.extend({
  status: z.enum(statuses),
  verified: z.boolean(),
  quiet: z.boolean(),
  opened: z.literal(true).optional(),
  endedAt: z.iso.datetime(),
  timeToRecoverSeconds: z.number().min(0).nullable(),
  actions: z.array(z.object({ action: name, result: z.string() })),
  timeline: z.array(z.object({ answers: z.array(z.object({ guard: name, answer: z.string() })).optional() })),
});

/** How an incident ended, as far as it is counted. */
export type Ended = Pick<z.infer<typeof endedSchema>, 'status' | 'verified' | 'quiet' | 'timeToRecoverSeconds'> & {
  /** Milliseconds since the epoch. */
  at: number;
  /** Programs were notified of its beginning, so that a pager may have gone off. */
  opened: boolean;
  /** The actions that had an effect, or may have had one, in order, each once. */
  steps: readonly string[];
  /** The guard that gave the last answer other than `pass`, and the answer; null if none is recorded. */
  refusal: { guard: string; answer: string } | null;
};

/** An incident, as far as it is counted. `asked`: a person was asked in it. Times are milliseconds since the epoch. */
export type Entry = z.infer<typeof aboutSchema> & { incident: string; openedAt: number; asked: boolean; ended: Ended | null };

const refusalIn = (timeline: z.infer<typeof endedSchema>['timeline']): Ended['refusal'] => {
  const last = timeline.findLast(({ answers = [] }) => answers.length > 0)?.answers?.at(-1);
  return last === undefined || last.answer === 'pass' ? null : { guard: currentGuardId(last.guard), answer: last.answer };
};

const endedOf = (given: z.infer<typeof endedSchema>): Ended => {
  const { status, verified, quiet, timeToRecoverSeconds, endedAt, opened = false, actions, timeline } = given;
  const steps = [...new Set(actions.filter((one) => !hadNoEffect(one)).map(({ action }) => action))];
  return { status, verified, quiet, timeToRecoverSeconds, at: Date.parse(endedAt), opened, steps, refusal: refusalIn(timeline) };
};

/** Reads an incident of the ledger; null for what can't be read. */
export const entryOf = ({ incident, openedAt, opened, outcome, asked }: PastItem): Entry | null => {
  if (incident === '' || !Number.isSafeInteger(openedAt)) return null;
  const base = { incident, openedAt, asked: asked > 0 };
  if (outcome === null) {
    const about = aboutSchema.safeParse(parseJson(opened ?? ''));
    return about.success ? { ...about.data, ...base, ended: null } : null;
  }
  const read = endedSchema.safeParse(parseJson(outcome));
  if (!read.success) return null;
  const { failure, resource, account, region } = read.data;
  return { failure, resource, account, region, ...base, ended: endedOf(read.data) };
};

/** What an incident is about, as a key: a resource in its place. */
export const resourceKey = ({ account, region, resource: { type, id } }: Entry): string => JSON.stringify([account, region, type, id]);
