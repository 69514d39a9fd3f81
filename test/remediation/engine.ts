import { pollBySteps } from '../../local/model-check/process.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import type { Durable } from '../../shared/ports/durable.ts';
import type { Journal } from '../../shared/remediation/journal.ts';
import type { Follow, Judged } from '../../shared/remediation/resource-observer.ts';

type Options = {
  /** Where its time begins, in milliseconds since the epoch. */
  start?: number;
  /** Says that a process died during the once-step of that name. */
  loses?: (name: string) => boolean;
  /** What a callback is answered with; null for nothing within its time. */
  answers?: (name: string) => string | null;
  /** Told what each step came to, which the durable engine would keep. */
  kept?: (name: string, result: unknown) => void;
};

/** An engine of the least kind: it runs every step as it comes, one at a time, and remembers names and waits. */
export const simpleEngine = ({ start = 1_000_000, loses = () => false, answers, kept }: Options = {}) => {
  let time = start;
  const trail: string[] = [];
  let callbacks = 0;
  let underWay: string | null = null;
  /** An operation that isn't awaited would be in another order in the next replay. */
  const alone = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    if (underWay !== null) throw new Error(`${name} was begun while ${underWay} was under way`);
    underWay = name;
    try {
      return await run();
    } finally {
      underWay = null;
    }
  };
  const durable: Durable = {
    step: async (name, run) => {
      trail.push(name);
      const result = await alone(name, run);
      kept?.(name, result);
      return result;
    },
    once: async (name, run) => {
      trail.push(name);
      const result = loses(name) ? null : await alone(name, run);
      kept?.(name, result);
      return result;
    },
    poll: (name, check) =>
      pollBySteps(
        (run) => durable.step(name, run),
        (seconds) => durable.wait(`${name}-again`, seconds),
        check,
      ),
    callback: async (name, seconds) => {
      trail.push(name);
      const until = time + seconds * 1000;
      callbacks++;
      const answer = async () => {
        const said = answers?.(name) ?? null;
        if (said === null) time = Math.max(time, until);
        return said;
      };
      return { callbackId: callbacks === 1 ? 'callback' : `callback-${callbacks}`, answer };
    },
    wait: async (name, seconds) => {
      trail.push(`${name} ${seconds}`);
      await alone(name, async () => {
        time += seconds * 1000;
        await null;
      });
    },
  };
  return {
    durable,
    trail,
    now: () => time,
    waits: () => trail.filter((entry) => / \d+$/.test(entry)).map((entry) => Number(entry.split(' ')[1])),
  };
};

/** Follows what `observe` sees, look by look. */
export const followBy =
  (observe: () => Promise<ResourceSnapshot | null>, { wait, now }: Pick<Journal, 'wait' | 'now'>): Follow =>
  async <T extends Judged>(name: string, judge: (before: T | null, seen: ResourceSnapshot, at: number) => T) => {
    for (let last: T | null = null; ; ) {
      const seen = await observe();
      if (!seen) return null;
      const judged: T = judge(last, seen, now());
      if (judged.pause === null) return judged;
      await wait(name, judged.pause);
      last = judged;
    }
  };
