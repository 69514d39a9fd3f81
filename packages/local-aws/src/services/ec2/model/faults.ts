import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { Ec2 } from '../../../core/service-interfaces.ts';
import type { HealthEvents } from '../events/health-events.ts';
import { mountAt } from './file-systems.ts';
import type { Fleet } from './fleet.ts';
import { cancelTimer, flat, type Instance, type Ramp, rampValue, type Volume, type Zone } from './instance.ts';
import type { InstanceLifecycle } from './instance-lifecycle.ts';
import type { Recovery } from './recovery.ts';
import type { Timeline } from './timeline.ts';
import { rootVolume } from './volume.ts';

const minute = 60_000;

/** Lets `undo` run once only. */
const once = (undo: () => void): (() => void) => {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    undo();
  };
};

/**
 * What can break in EC2. A fault of the guest is over with its boot, a fault of the host with the host; to end it after that does
 * nothing. An instance that isn't running has no guest to hang and no host to fail.
 */
export const createFaults = (fleet: Fleet, lifecycle: InstanceLifecycle, recovery: Recovery, healthEvents: HealthEvents): Ec2['faults'] => {
  const { world, random, draw } = fleet;
  const { clock } = world;

  const isRunning = (instance: Instance): boolean => instance.described.state === 'running';

  const hang = (instance: Instance): void => {
    instance.hung = true;
    fleet.refresh(instance);
  };

  const zoneOf = (name: string): Zone => {
    const zone = fleet.zones.get(name);
    if (!zone) throw new RangeError(`There is no zone ${name} in ${world.region}`);
    return zone;
  };

  /** A volume by its own id, or the root volume of an instance. */
  const volumeOf = (target: string): Volume => {
    const volume = fleet.volumes.get(target) ?? rootVolume(fleet.instances.get(target));
    if (!volume) throw new RangeError(`There is no volume ${target}`);
    return volume;
  };

  const refreshOwner = ({ attachment }: Volume): void => {
    if (attachment) fleet.refresh(attachment.instance);
  };

  const refreshZone = (zone: Zone): void => {
    for (const instance of fleet.instances.values()) if (instance.zone === zone) fleet.refresh(instance);
  };

  /** Lets a value grow to 100 %; says when it will be there. */
  const grow = (history: Timeline<Ramp>, percentAMinute: number): number => {
    const now = clock.now();
    const value = rampValue(history.now, now);
    const perMillisecond = percentAMinute / minute;
    history.set(now, { at: now, value, perMillisecond });
    return now + Math.ceil((100 - value) / perMillisecond);
  };

  const settle = (history: Timeline<Ramp>, value: number): void => {
    const now = clock.now();
    history.set(now, flat(now, value));
  };

  return {
    'hang-kernel': (target) => {
      const instance = fleet.expect(target);
      const { boot } = instance;
      if (isRunning(instance)) hang(instance);
      return once(() => {
        if (instance.boot !== boot) return;
        instance.hung = false;
        fleet.refresh(instance);
      });
    },

    'fail-host': (target) => {
      const instance = fleet.expect(target);
      const { host } = instance;
      if (isRunning(instance) && !instance.hostFailed) {
        instance.hostFailed = true;
        fleet.refresh(instance);
        recovery.watch(instance);
      }
      return once(() => {
        if (instance.host !== host) return;
        instance.hostFailed = false;
        cancelTimer(instance, 'recovery');
        fleet.refresh(instance);
      });
    },

    'impair-volume': (target) => {
      const volume = volumeOf(target);
      const set = (impairedSince: number | null) => {
        volume.impairedSince = impairedSince;
        refreshOwner(volume);
      };
      set(clock.now());
      return once(() => set(null));
    },

    /** Lost, with what was on it: nothing brings it back. */
    'break-volume': (target) => {
      const volume = volumeOf(target);
      volume.broken = true;
      refreshOwner(volume);
      return () => {};
    },

    /** Memory fills up until the kernel hangs. Stopping the leak frees the memory; a reboot ends both. */
    'leak-memory': (target) => {
      const instance = fleet.expect(target);
      const { boot } = instance;
      if (isRunning(instance)) {
        const full = grow(instance.memory, random.between(ec2Parameters.leak.least, ec2Parameters.leak.most));
        lifecycle.later(instance, 'leak', full - clock.now(), () => hang(instance));
      }
      return once(() => {
        if (instance.boot !== boot || instance.hung) return;
        cancelTimer(instance, 'leak');
        settle(instance.memory, ec2Parameters.idle.memory);
      });
    },

    /** A file system fills up and stays full, over reboots too, until somebody cleans up. */
    'fill-disk': (target, { path = '/', percentAnHour, gibAnHour } = {}) => {
      const instance = fleet.expect(target);
      const fileSystem = mountAt(instance, path)?.fileSystem;
      if (!fileSystem) throw new RangeError(`Nothing is mounted at ${path} of ${target}`);
      const { least, most } = ec2Parameters.fill;
      const anHour = percentAnHour ?? (gibAnHour === undefined ? undefined : (gibAnHour / fileSystem.sizeGiB) * 100);
      grow(fileSystem.used, anHour === undefined ? random.between(least, most) : anHour / 60);
      return once(() => settle(fileSystem.used, fileSystem.idle));
    },

    /** After the two minutes' notice nothing can end it any more. */
    'interrupt-spot': (target) => {
      const instance = fleet.expect(target);
      if (instance.spotRequestId === null) throw new RangeError(`${target} is no spot instance`);
      const warn = () => {
        if (!isRunning(instance)) return;
        healthEvents.spotInterruption(instance);
        clock.after(ec2Parameters.spot.notice * 1000, () => lifecycle.terminate(instance, 'spot'));
      };
      if (!random.chance(ec2Parameters.spot.rebalanceFirst)) {
        warn();
        return () => {};
      }
      healthEvents.rebalance(instance);
      return clock.after(draw(ec2Parameters.spot.rebalanceAhead), warn);
    },

    'exhaust-zone': (target) => {
      const zone = zoneOf(target);
      zone.exhausted++;
      return once(() => {
        zone.exhausted--;
      });
    },

    'dark-zone': (target) => {
      const zone = zoneOf(target);
      const add = (count: 1 | -1) => {
        zone.dark += count;
        refreshZone(zone);
      };
      add(1);
      return once(() => add(-1));
    },
  };
};
