import { isStream } from './files.ts';
import { type Item, itemsOf, type ReadOptions } from './items.ts';

/** An event with where it comes from, such as `events.ndjson:12`; the file alone, if it is all that is in it. */
export type Told = { file: string; value: unknown };
/** An event, or why it could not be read. */
type Readout = Told | { file: string; problem: string };

const named = (file: string, item: Item): Readout => ('value' in item ? { file, value: item.value } : { file, problem: item.problem });

/** The events of a file, of a stream, or of stdin (`-`), one after the other. Never throws. */
export async function* eventsOf(file: string, options: ReadOptions): AsyncGenerator<Readout> {
  /** Until it is known whether it is the only one. */
  let first: Item | null = null;
  let count = 0;
  for await (const batch of itemsOf(file, options)) {
    for (const item of batch) {
      count++;
      if (count === 1 && !isStream(file)) {
        first = item;
        continue;
      }
      if (first) yield named(first.where, first);
      first = null;
      yield named(item.where, item);
    }
  }
  if (first) yield named(file, first);
  else if (count === 0 && !isStream(file)) yield { file, problem: 'it contains no events' };
}

/** Yields the readable events; `onProblem` is called for each other one. */
export async function* readableOf(file: string, options: ReadOptions, onProblem: (problem: string) => void): AsyncGenerator<Told> {
  for await (const readout of eventsOf(file, options)) {
    if ('value' in readout) yield readout;
    else onProblem(`${readout.file}: ${readout.problem}`);
  }
}
