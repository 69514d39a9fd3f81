import type { Past } from '../ports/past.ts';
import { counting } from './count.ts';
import { entryOf } from './entry.ts';
import type { Digest, Learned, Period } from './schema.ts';

const periodOf = async (past: Past, from: number, to: number): Promise<Period> => {
  const counted = counting();
  let unread = 0;
  for await (const { items, missing } of past.pages({ from, to })) {
    unread += missing;
    for (const item of items) {
      const entry = entryOf(item);
      if (entry) counted.add(entry);
      else unread++;
    }
  }
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), unread, ...counted.figures(to - from) };
};

/**
 * Counts the incidents opened in the last `milliseconds`, and those of the time before. One that can't be read is counted as such.
 * @throws whatever the SDK throws
 */
export const digestOf = async (past: Past, to: number, milliseconds: number, learned: Learned | null): Promise<Digest> => ({
  version: '1',
  kind: 'digest',
  now: await periodOf(past, to - milliseconds, to),
  before: await periodOf(past, to - 2 * milliseconds, to - milliseconds),
  learned,
});
