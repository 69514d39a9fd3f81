import { parseJson } from '../model/json.ts';
import type { Digests } from '../ports/digests.ts';
import { type Learned, type LearnedRow, learnedSchema } from './schema.ts';
import { tellRow } from './tell.ts';

/**
 * What was learned last; null if nothing was, or it can't be read as such.
 * @throws whatever the SDK throws
 */
export const readLearned = async (digests: Pick<Digests, 'learned'>): Promise<Learned | null> =>
  learnedSchema.safeParse(parseJson((await digests.learned()) ?? '')).data ?? null;

/** What is known of a step for a failure of that kind, in one sentence; null where nothing is. It takes one read. */
export const experienceOf = async (
  digests: Pick<Digests, 'learned'>,
  { failure, step, resource }: Pick<LearnedRow, 'failure' | 'step' | 'resource'>,
): Promise<string | null> => {
  const { rows = [], at = '' } = (await readLearned(digests)) ?? {};
  const row = rows.find((one) => one.failure === failure && one.step === step && one.resource === resource);
  return row ? `${tellRow(row)}. Counted on ${at.slice(0, 10)}, from at most 90 days` : null;
};
