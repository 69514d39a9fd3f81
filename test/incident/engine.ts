import type { Asked, Durable } from '../../shared/incident/durable.ts';

type Options = {
  /** Where its time begins, in milliseconds since the epoch. */
  start?: number;
  /** Says that a process died during the once-step of that name. */
  loses?: (name: string) => boolean;
  /** What comes back of a question; `submit` has been done then. */
  answers?: (name: string) => Asked;
};

/** An engine of the least kind: it runs every step as it comes and remembers names and waits. */
export const simpleEngine = ({ start = 1_000_000, loses = () => false, answers }: Options = {}) => {
  let time = start;
  const trail: string[] = [];
  const durable: Durable = {
    step: (name, run) => {
      trail.push(name);
      return run();
    },
    once: async (name, run) => {
      trail.push(name);
      return loses(name) ? null : run();
    },
    ask: async (name, _, submit) => {
      trail.push(name);
      if (!answers) return 'silence';
      await submit('callback');
      return answers(name);
    },
    wait: async (name, seconds) => {
      trail.push(`${name} ${seconds}`);
      time += seconds * 1000;
    },
  };
  return {
    durable,
    trail,
    now: () => time,
    waits: () => trail.filter((entry) => / \d+$/.test(entry)).map((entry) => Number(entry.split(' ')[1])),
  };
};
