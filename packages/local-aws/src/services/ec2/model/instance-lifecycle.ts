import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { Fleet } from './fleet.ts';
import { cancelTimer, flat, type Instance, type StateReason } from './instance.ts';
import type { Launch, Launching } from './launch.ts';
import type { Releases } from './releases.ts';
import type { createSoftware } from './software.ts';
import type { StartFailures } from './start-failures.ts';
import { type StateChangeCause, stateReasonOf } from './state-reasons.ts';

const inMilliseconds = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1000);

export type StopOptions = { readonly force?: boolean; readonly skipOsShutdown?: boolean };

/** What happens to an instance from its launch to its end: states, the guest's boots, hosts. Knows nothing of the wire. */
export const createInstanceLifecycle = (
  fleet: Fleet,
  {
    launching,
    failures,
    releases,
    software,
  }: { launching: Launching; failures: StartFailures; releases: Releases; software: ReturnType<typeof createSoftware> },
) => {
  const { world, draw, network } = fleet;
  const { clock } = world;

  const later = (instance: Instance, timer: keyof Instance['timers'], milliseconds: number, run: () => void): void => {
    cancelTimer(instance, timer);
    instance.timers[timer] = clock.after(milliseconds, () => {
      instance.timers[timer] = null;
      run();
    });
  };

  const forgetGuest = (instance: Instance): void => {
    cancelTimer(instance, 'guest');
    cancelTimer(instance, 'leak');
    cancelTimer(instance, 'defect');
    instance.boot++;
    instance.softwareStarts++;
    instance.booted = false;
    instance.hung = false;
  };

  /** What a bad release does to it, counted from its launch or its reboot. */
  const infect = (instance: Instance, since: number): void => {
    const defect = instance.defect();
    if (!defect) return;
    later(instance, 'defect', Math.max(0, since + defect.after * 1000 - clock.now()), () => {
      if (instance.defect() === null) return;
      if (defect.kind === 'shut-down') {
        shutDown(instance);
        return;
      }
      instance.hung = true;
      fleet.refresh(instance);
    });
  };

  /** Switches the guest off and on again on the host that it is on: a new boot, nothing else. */
  const restartGuest = (instance: Instance, since = clock.now()): void => {
    forgetGuest(instance);
    infect(instance, since);
    instance.memory.set(clock.now(), flat(clock.now(), ec2Parameters.idle.memory));
    fleet.refresh(instance);
    const usual = draw(ec2Parameters.boot);
    later(instance, 'guest', inMilliseconds(releases.slownessOf(instance).boot) ?? usual, () => {
      instance.booted = true;
      software.boot(instance);
      fleet.refresh(instance);
    });
  };

  /** What AWS lends an instance it takes back when the instance stops. */
  const takePublicIp = ({ described }: Instance): void => network.givePublicBack(described.publicIp);

  /** The first start fails for good; a later one leaves the instance as it was. */
  const failToStart = (instance: Instance, stateReason: StateReason): void => {
    const reason = { stateReason, transitionReason: stateReason.code };
    if (instance.everRan) {
      takePublicIp(instance);
      fleet.moveTo(instance, 'stopped', { ...reason, publicIp: null });
      return;
    }
    later(instance, 'state', 0, () => terminated(instance));
    fleet.moveTo(instance, 'shutting-down', reason);
  };

  const powerOn = (instance: Instance, principal: string): void => {
    const failure = failures.of(instance, principal);
    if (failure) {
      later(instance, 'state', draw(ec2Parameters.failedStart), () => failToStart(instance, failure));
      return;
    }
    const usual = draw(ec2Parameters.pending);
    const began = clock.now();
    later(instance, 'state', inMilliseconds(releases.slownessOf(instance).pending) ?? usual, () => {
      const now = clock.now();
      instance.run.set(now, { since: now, firstCheckAt: now + draw(ec2Parameters.statusChecks.first) });
      instance.everRan = true;
      restartGuest(instance, began);
      fleet.moveTo(instance, 'running');
    });
  };

  /** No checks, no metrics, nothing scheduled: it is on its way down. */
  const leaveRunning = (instance: Instance): void => {
    cancelTimer(instance, 'guest');
    cancelTimer(instance, 'recovery');
    cancelTimer(instance, 'leak');
    cancelTimer(instance, 'defect');
    instance.run.set(clock.now(), null);
  };

  const responsive = (instance: Instance): boolean => instance.system.now && !instance.hung;

  const stopped = (instance: Instance): void => {
    forgetGuest(instance);
    instance.host++;
    instance.hostFailed = false;
    fleet.refresh(instance);
    if (instance.type.instanceStoreGB > 0)
      world.emit({ type: 'note', at: clock.now(), text: `${instance.id} lost what was on its instance store` });
    takePublicIp(instance);
    fleet.moveTo(instance, 'stopped', { publicIp: null });
  };

  const terminated = (instance: Instance): void => {
    forgetGuest(instance);
    for (const volume of instance.volumes.splice(0)) {
      if (volume.attachment?.deleteOnTermination) fleet.volumes.delete(volume.id);
      volume.attachment = null;
    }
    clock.after(ec2Parameters.terminatedVisible * 1000, () => fleet.remove(instance));
    takePublicIp(instance);
    fleet.moveTo(instance, 'terminated', { publicIp: null });
  };

  /** Stops an instance, or hurries one that takes its time over it. */
  const stop = (instance: Instance, cause: StateChangeCause, { force = false, skipOsShutdown = false }: StopOptions = {}): void => {
    const { clean, withoutShutdown, unresponsive, unresponsiveForced } = ec2Parameters.stop;
    const hung = force ? unresponsiveForced : unresponsive;
    const span = skipOsShutdown ? withoutShutdown : responsive(instance) ? clean : hung;
    const stopping = instance.described.state === 'stopping';
    if (stopping && span === clean) return;
    later(instance, 'state', draw(span), () => stopped(instance));
    if (stopping) return;
    leaveRunning(instance);
    fleet.moveTo(instance, 'stopping', stateReasonOf(cause, clock.now()));
  };

  const terminate = (instance: Instance, cause: StateChangeCause): void => {
    const { state } = instance.described;
    if (state === 'shutting-down' || state === 'terminated') return;
    const { clean, unresponsive } = ec2Parameters.terminate;
    const wait = state === 'stopped' ? 0 : draw(responsive(instance) ? clean : unresponsive);
    leaveRunning(instance);
    later(instance, 'state', wait, () => terminated(instance));
    fleet.moveTo(instance, 'shutting-down', stateReasonOf(cause, clock.now()));
  };

  /** From its operating system. */
  const shutDown = (instance: Instance): void =>
    instance.shutdownBehavior === 'terminate' ? terminate(instance, 'guest') : stop(instance, 'guest');

  return {
    /** Starts `count` instances of one reservation for a principal. Call `checkLaunch` first. */
    launch: (launch: Launch, count: number, principal: string): Instance[] => {
      const started = launching.create(launch, count);
      for (const instance of started) {
        powerOn(instance, principal);
        fleet.add(instance);
      }
      return started;
    },

    /** Starts a stopped instance on another host. */
    start: (instance: Instance, principal: string): void => {
      powerOn(instance, principal);
      fleet.moveTo(instance, 'pending', {
        stateReason: null,
        transitionReason: '',
        launchedAt: clock.now(),
        publicIp: instance.hasPublicIp && instance.described.elasticIp === null ? launching.publicIp() : null,
      });
    },

    stop,
    terminate,
    shutDown,

    /** Asks for a reboot. One that is already under way isn't asked for twice. */
    reboot: (instance: Instance): void => {
      if (instance.timers.guest !== null && instance.booted) return;
      later(instance, 'guest', draw(ec2Parameters.rebootQueue), () => {
        const wait = responsive(instance) ? ec2Parameters.guestShutdown : ec2Parameters.hardRebootAfter;
        later(instance, 'guest', draw(wait), () => restartGuest(instance));
      });
    },

    /** Moves a running instance to another host, as EC2's own recovery does: to the guest, a power cut. */
    changeHost: (instance: Instance): void => {
      instance.host++;
      instance.hostFailed = false;
      restartGuest(instance);
    },

    later,
  };
};

export type InstanceLifecycle = ReturnType<typeof createInstanceLifecycle>;
