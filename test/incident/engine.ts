import type { Durable } from '../../shared/incident/durable.ts';

/**
 * An engine of the least kind: it runs every step as it comes and remembers names and waits. `loses` says that a process died
 * during the once-step of that name.
 */
export const simpleEngine = ({ loses = () => false }: { loses?: (name: string) => boolean } = {}) => {
  let time = 1_000_000;
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
    ask: async (name) => {
      trail.push(name);
      return 'silence';
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
