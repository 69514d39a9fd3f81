import type { Item, Source } from '../input/source.ts';
import type { Engine } from './engine.ts';

type Drive = {
  sources: readonly Source[];
  /** The time of the newest fact that each source has given, where a run is gone on with. */
  newest?: readonly (number | null)[];
  engine: Engine;
  /** Asked between two items. */
  stopped: () => boolean;
  /** Called between two items; where it returns a promise, the run waits for it. */
  between: (newest: readonly (number | null)[]) => Promise<void> | undefined;
};

/**
 * Feeds the engine from several sources at the same time: the one that is furthest behind in time is read next, so that two histories
 * of the same days are merged. False where it was stopped before the end.
 */
export const drive = async ({ sources, newest: given, engine, stopped, between }: Drive): Promise<boolean> => {
  const newest: (number | null)[] = sources.map((_source, index) => given?.[index] ?? null);
  const left = new Set(sources.keys());
  while (left.size > 0) {
    if (stopped()) return false;
    let next = -1;
    for (const index of left) if (next < 0 || (newest[index] ?? -1) < (newest[next] ?? -1)) next = index;
    const coming = (sources[next] as Source).next();
    const item: Item | null = coming instanceof Promise ? await coming : coming;
    if (item === null) left.delete(next);
    else {
      const fed = engine.feed(item);
      const at = fed instanceof Promise ? await fed : fed;
      if (at !== null) newest[next] = Math.max(newest[next] ?? 0, at);
    }
    const pause = between(newest);
    if (pause) await pause;
  }
  await engine.finish();
  return true;
};
