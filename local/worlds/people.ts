import type { Host } from '../testbed/host.ts';
import type { Step } from './steps.ts';

/** What people in the world did, so that an observer knows what must not be undone. */
export type PeopleLog = {
  /** Instances that a person stopped on purpose, with the time. */
  stopped: Map<string, number>;
  /** Since when an instance or a group is no longer opted in. */
  optedOut: Map<string, number>;
  /** Since when the kill switch is not on, or null. */
  switchedOff: number | null;
  /** Processes of groups suspended since. */
  suspended: Map<string, number>;
  /** Groups that have had nothing to launch from since. */
  broken: Map<string, number>;
  /** The links of questions that were answered with yes. */
  agreed: Set<string>;
  /** Instances that were protected from being terminated since. */
  protected: Map<string, number>;
  /** Members on standby since. */
  aside: Map<string, number>;
  /** What is paused, from when to when. */
  paused: Map<string, { from: number; to: number }>;
  /** Since when a calendar is closed, or null. */
  closed: number | null;
  /** What has a tag since by which nothing may be done to it. */
  forbidden: Map<string, number>;
  /** When the members of a group were last begun to be replaced by somebody. */
  deployed: Map<string, number>;
  /** Former members that somebody has detached, with their groups. */
  detached: Map<string, string>;
  /** Groups that somebody has deleted, with the time. */
  deleted: Map<string, number>;
};

export const nobody = (): PeopleLog => ({
  stopped: new Map(),
  optedOut: new Map(),
  switchedOff: null,
  suspended: new Map(),
  broken: new Map(),
  agreed: new Set(),
  protected: new Map(),
  aside: new Map(),
  paused: new Map(),
  closed: null,
  forbidden: new Map(),
  deployed: new Map(),
  detached: new Map(),
  deleted: new Map(),
});

/**
 * Writes down what people do by a step: called before it with the id of what it is about, and what it returns is called once it has been
 * carried out.
 */
export const createDiary =
  ({ aws: { ec2, world } }: Host, log: PeopleLog) =>
  (step: Step, id: string): (() => void) => {
    const { clock } = world;
    // Stopping a stopped instance leaves no trace that could be respected.
    const ran = ec2.get(id)?.state === 'running';
    const group = ec2.get(id)?.groupName ?? null;
    return () => {
      switch (step.do) {
        case 'stop':
        case 'shut-down':
          if (ran) log.stopped.set(id, clock.now());
          return;
        case 'start':
          log.stopped.delete(id);
          return;
        case 'untag':
          if (step.key === 'selfheal') log.optedOut.set(id, clock.now());
          return;
        case 'switch':
          log.switchedOff = step.to === 'on' ? null : clock.now();
          return;
        case 'protect':
          if (step.from !== 'stop') log.protected.set(id, clock.now());
          return;
        case 'enter-standby':
          log.aside.set(id, clock.now());
          return;
        case 'exit-standby':
          log.aside.delete(id);
          return;
        case 'pause':
          log.paused.set(id, { from: clock.now(), to: clock.now() + step.for * 1000 });
          return;
        case 'calendar':
          log.closed = step.open ? null : (log.closed ?? clock.now());
          return;
        case 'tag':
          if (step.key === 'selfheal:mode' && step.value !== 'enforce') log.forbidden.set(id, clock.now());
          return;
        case 'detach':
          if (group !== null) log.detached.set(id, group);
          return;
        case 'attach':
          log.detached.delete(id);
          return;
        case 'delete-group':
          log.deleted.set(id, clock.now());
          return;
        case 'deploy':
          log.deployed.set(id, clock.now());
          return;
        case 'break-template':
        case 'break-image': {
          log.broken.set(id, clock.now());
          if ('for' in step && step.for !== undefined) clock.after(step.for * 1000, () => log.broken.delete(id));
          return;
        }
        case 'suspend': {
          const keys = step.processes.map((process) => `${id}/${process}`);
          const resume = () => {
            for (const key of keys) log.suspended.delete(key);
          };
          for (const key of keys) log.suspended.set(key, clock.now());
          if (step.for !== undefined) clock.after(step.for * 1000, resume);
          return;
        }
        case 'resume':
          for (const process of step.processes) log.suspended.delete(`${id}/${process}`);
      }
    };
  };
