import type { LocalAws } from '#local-aws';
import { minuteMs } from '../../shared/model/duration.ts';

/** How long a resource may be out of service without progress before people must be notified. */
const notificationLimit = 5 * minuteMs;
/** The same for a stop in progress that doesn't end. */
const underWay = 15 * minuteMs;
/** How long a successor may take to come into service. */
const joining = 10 * minuteMs;
/** Notifications need these services: while their calls fail, people can't be notified in time. */
const needed = new Set(['sns', 'dynamodb', 'ec2', 'autoscaling', 'events', 'eventbridge']);

type Out = { id: string; group: string | null; execution: string; at: number; standsSince: number | null; hinderedAt: number };

/** Tracks what selfheal has stopped or terminated until it or its successor is back or people were notified. */
export const createTakenOut = (the: () => LocalAws, object: (resource: string, text: string) => void) => {
  const outs = new Map<string, Out>();

  const isBack = ({ id, group: name }: Out): boolean => {
    if (name === null) {
      const state = the().ec2.get(id)?.state;
      return state === 'running' || state === undefined || state === 'terminated' || state === 'shutting-down';
    }
    const group = the().autoScaling.get(name);
    return !group || (!group.inServiceIds.includes(id) && group.inServiceIds.length >= group.desired);
  };

  /** Whether nothing is under way that would bring it back. */
  const standsStill = ({ id, group: name, at, standsSince }: Out, now: number): boolean => {
    if (name === null) return standsSince !== null || the().ec2.get(id)?.state === 'stopped';
    const group = the().autoScaling.get(name);
    if (!group || group.inServiceIds.includes(id)) return false;
    return now - at > joining || group.inServiceIds.length + group.pendingIds.length < group.desired;
  };

  return {
    note: (id: string, group: string | null, execution: string): void => {
      const at = the().world.clock.now();
      outs.set(id, { id, group, execution, at, standsSince: null, hinderedAt: 0 });
    },
    /** People were notified of the incident. */
    told: (execution: string): void => {
      for (const out of outs.values()) if (out.execution === execution) outs.delete(out.id);
    },
    look: (): void => {
      if (outs.size === 0) return;
      const now = the().world.clock.now();
      const hindered = the()
        .faults.active()
        .some(({ fault }) => fault.fault === 'fail-call' && needed.has(fault.service));
      for (const out of outs.values()) {
        if (hindered) out.hinderedAt = now;
        if (isBack(out)) {
          outs.delete(out.id);
          continue;
        }
        out.standsSince = standsStill(out, now) ? (out.standsSince ?? now) : null;
        const due = out.standsSince === null ? out.at + underWay : out.standsSince + notificationLimit;
        if (now <= Math.max(due, out.hinderedAt + notificationLimit)) continue;
        const since = Math.round((now - out.at) / minuteMs);
        object(
          out.id,
          `was ${out.group === null ? 'stopped' : 'terminated'} by ${out.execution} ${since} minutes ago, and nobody was told`,
        );
        outs.delete(out.id);
      }
    },
  };
};
