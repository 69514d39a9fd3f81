import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { Software } from '../../../core/service-interfaces.ts';
import { mountAt, mountsNow } from './file-systems.ts';
import type { Fleet } from './fleet.ts';
import { cancelTimer, flat, type Instance, type Process, type Ramp, rampValue } from './instance.ts';
import { Timeline } from './timeline.ts';

/** A process that nobody has spoken of runs, since its instance was made. */
const processOf = (instance: Instance, name: string): Process => {
  const known = instance.processes.get(name);
  if (known) return known;
  const process: Process = { runs: new Timeline(instance.createdAt, true), held: 0 };
  instance.processes.set(name, process);
  return process;
};

/** Whether a process ran just before `at`. */
export const ranAt = (instance: Instance, name: string, at: number): boolean => instance.processes.get(name)?.runs.at(at - 1) !== false;

/**
 * How many processes a lookup finds: of those that somebody has spoken of, the ones that run; one where it finds none of them. The agent
 * takes `exe` and `pattern` for regular expressions that match a part; here one text must be in the other.
 */
export const countedAt = (instance: Instance, filter: string, at: number): number => {
  const found = [...instance.processes].filter(([name]) => name.includes(filter) || filter.includes(name));
  return found.length === 0 ? 1 : found.filter(([, { runs }]) => runs.at(at - 1) === true).length;
};

/** What runs in the guests, and what a command can do there. */
export const createSoftware = (fleet: Fleet): Software & { boot(instance: Instance): void } => {
  const { clock } = fleet.world;
  const random = fleet.world.chances('ec2-processes');

  const tell = (instance: Instance, process: string): void =>
    fleet.world.emit({ type: 'instance-process', instanceId: instance.id, process, at: clock.now() });

  const start = (instance: Instance, name: string): boolean => {
    const process = processOf(instance, name);
    if (process.held === 0 && !process.runs.now) {
      process.runs.set(clock.now(), true);
      tell(instance, name);
    }
    return process.runs.now;
  };

  const restart = (instance: Instance, name: string): boolean => {
    instance.softwareStarts++;
    return start(instance, name);
  };

  /** What fills up stops filling up. */
  const settle = (ramp: Timeline<Ramp>, idle: number, percent: number): void => {
    const now = clock.now();
    const value = rampValue(ramp.now, now);
    ramp.set(now, flat(now, Math.min(value, Math.max(idle, value - percent))));
  };

  const free = (instance: Instance, { disk = 0, memory = 0, path = '/' }: Parameters<Software['free']>[1]): void => {
    const cleaned = disk > 0 ? mountAt(instance, path)?.fileSystem : undefined;
    if (cleaned) settle(cleaned.used, cleaned.idle, disk);
    if (memory <= 0) return;
    cancelTimer(instance, 'leak');
    settle(instance.memory, ec2Parameters.idle.memory, memory);
  };

  return {
    kill: (instanceId, name) => {
      const instance = fleet.expect(instanceId);
      processOf(instance, name).runs.set(clock.now(), false);
      tell(instance, name);
      return () => {
        start(instance, name);
      };
    },
    hold: (instanceId, name) => {
      const process = processOf(fleet.expect(instanceId), name);
      process.held++;
      let over = false;
      return () => {
        if (!over) process.held--;
        over = true;
      };
    },
    restart: (instanceId, name) => restart(fleet.expect(instanceId), name),
    process: (instanceId, name) => {
      const instance = fleet.expect(instanceId);
      const runs = instance.processes.get(name)?.runs;
      return { runs: runs?.now ?? true, since: runs?.since(clock.now()) ?? instance.createdAt };
    },
    free: (instanceId, percent) => free(fleet.expect(instanceId), percent),
    remedy: (instanceId) => {
      const instance = fleet.expect(instanceId);
      instance.softwareStarts++;
      for (const name of instance.processes.keys()) start(instance, name);
      for (const { fileSystem } of mountsNow(instance)) free(instance, { disk: 100, path: fileSystem.path });
      free(instance, { memory: 100 });
    },

    /** Most of what is dead comes back with its guest. */
    boot: (instance) => {
      for (const [name, { runs }] of instance.processes) {
        if (!runs.now && random.chance(ec2Parameters.startsAtBoot)) start(instance, name);
      }
    },
  };
};
