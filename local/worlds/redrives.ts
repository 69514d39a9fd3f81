import type { Call, LocalAws } from '#local-aws';
import { hourMs } from '../../shared/model/duration.ts';
import type { PromiseId } from './promises.ts';

/** Messages that came back after longer than this have failed anew. */
const memory = 6 * hourMs;

/** Where dead letters are moved from, and what became of those that were moved before. */
export const createRedrives = (the: () => LocalAws, object: (promise: PromiseId, resource: string, text: string) => void) => {
  /** By dead-letter queue: when selfheal last began to move, the fewest messages since then, and whether some came back. */
  const moved = new Map<string, { at: number; fewest: number; cameBack: boolean }>();
  const depthOf = (name: string): number => {
    const view = the()
      .queues.list()
      .find((one) => one.name === name);
    return view === undefined ? 0 : view.visible + view.notVisible + view.delayed;
  };
  const nameOf = (arn: unknown): string => String(arn).split(':').at(-1) ?? '';

  /** Whether what works on a queue fails, for a cause outside of its messages. */
  const fails = (queue: string): boolean => {
    const work = the().queues.work(queue);
    const troubled = (work?.functions ?? []).map((name) => the().lambda.view(name.split(':')[0] ?? '')?.troubled ?? 0);
    return Math.max(work?.failing ?? 0, ...troubled) > 0.5;
  };

  return {
    /** What works on queues in which messages wait, and doesn't fail. */
    backlogs: (): ReadonlySet<string> => {
      const waiting = the()
        .queues.list()
        .filter(({ name, visible }) => visible > 0 && !fails(name));
      return new Set(waiting.flatMap(({ name }) => the().queues.work(name)?.members ?? []));
    },
    /** Looks at the truth; called every few seconds of simulated time. */
    look: (): void => {
      for (const [name, one] of moved) {
        const depth = depthOf(name);
        if (depth > one.fewest) one.cameBack = true;
        one.fewest = Math.min(one.fewest, depth);
      }
    },
    isOptedIn: (queue: string): boolean => the().queues.work(queue)?.tags.get('selfheal') === 'on',
    /** selfheal begins to move dead letters. Returns their queue. */
    began: ({ input }: Call): string => {
      const [name, at] = [nameOf(input.SourceArn), the().world.clock.now()];
      const before = moved.get(name);
      if (before?.cameBack && at - before.at < memory) object('redrive-once', name, 'moved again, though messages came back');
      const sources = the()
        .queues.list()
        .filter((one) => the().queues.work(one.name)?.deadLetters === name);
      const down = sources.find((one) => fails(one.name))?.name;
      if (down !== undefined) object('redrive-once', name, `moved to ${down}, whose consumer fails`);
      moved.set(name, { at, fewest: depthOf(name), cameBack: false });
      return name;
    },
  };
};
