import type { Place } from '../model/place.ts';
import type { Past } from '../ports/past.ts';
import { counting } from './count.ts';
import { entryOf } from './entry.ts';
import type { Digest, Learned, Period } from './schema.ts';

const periodOf = async (past: Past, from: number, to: number, counts: (at: Place) => boolean): Promise<Period> => {
  const counted = counting();
  let unread = 0;
  for await (const { items, missing } of past.pages({ from, to })) {
    unread += missing;
    for (const item of items) {
      const entry = entryOf(item);
      if (!entry) unread++;
      else if (counts(entry)) counted.add(entry);
    }
  }
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), unread, ...counted.figures(to - from) };
};

/**
 * Counts the incidents opened in the last `milliseconds`, and those of the time before, of the accounts and regions that count. One that can't
 * be read is counted as such.
 * @throws whatever the SDK throws
 */
export const digestOf = async (
  past: Past,
  to: number,
  milliseconds: number,
  learned: Learned | null,
  counts: (at: Place) => boolean = () => true,
): Promise<Digest> => ({
  version: '1',
  kind: 'digest',
  now: await periodOf(past, to - milliseconds, to, counts),
  before: await periodOf(past, to - 2 * milliseconds, to - milliseconds, counts),
  learned,
});
