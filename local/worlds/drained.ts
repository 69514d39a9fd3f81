import type { Call, LocalAws } from '#local-aws';
import { minuteMs } from '../../shared/model/duration.ts';
import type { PromiseId } from './promises.ts';

/** How long an instance may be out: to finish what it serves, for the action, and for its proof, before people must be notified. */
const longest = 40 * minuteMs;

type Out = { id: string; targetGroup: string; execution: string; at: number };

/** Calls that take an instance out of its load balancers, or put it back. */
export const drainingCalls: ReadonlySet<string> = new Set(['DeregisterTargets', 'RegisterTargets', 'EnterStandby', 'ExitStandby']);

/** Tracks what selfheal takes out of load balancers until it is back or people were notified. */
export const createDrained = (the: () => LocalAws, object: (promise: PromiseId, resource: string, text: string) => void) => {
  const outs = new Map<string, Out>();
  const now = () => the().world.clock.now();

  const isBack = ({ id, targetGroup }: Out): boolean => {
    const state = the().ec2.get(id)?.state;
    if (state === undefined || state === 'terminated' || state === 'shutting-down') return true;
    const group = the()
      .loadBalancing.list()
      .find(({ arn }) => arn === targetGroup);
    return !group || group.targets.some((target) => target.instanceId === id && target.state !== 'draining');
  };

  const note = (id: string, targetGroup: string, execution: string): void => {
    outs.set(`${targetGroup} ${id}`, { id, targetGroup, execution, at: now() });
  };

  /** The instances that a call takes out, each with its target groups. */
  const takenBy = ({ operation, input }: Call): { id: string; targetGroups: string[] }[] => {
    if (operation === 'DeregisterTargets') {
      const targets = (input.Targets ?? []) as { Id?: string }[];
      return targets.map(({ Id = '' }) => ({ id: Id, targetGroups: [String(input.TargetGroupArn)] }));
    }
    if (operation !== 'EnterStandby') return [];
    const groups = the().loadBalancing.list();
    return ((input.InstanceIds ?? []) as string[]).map((id) => ({
      id,
      targetGroups: groups.filter(({ targets }) => targets.some(({ instanceId }) => instanceId === id)).map(({ arn }) => arn),
    }));
  };

  return {
    takenBy,
    /** Before AWS carries out a call: afterwards the target is draining. */
    before: (call: Call): void => {
      for (const { id, targetGroups } of takenBy(call)) {
        for (const { arn, targets } of the().loadBalancing.list()) {
          const isHealthy = targets.some(({ instanceId, state }) => instanceId === id && state === 'healthy');
          const others = targets.filter(({ instanceId, state }) => instanceId !== id && state === 'healthy');
          if (targetGroups.includes(arn) && isHealthy && others.length === 0)
            object('last-target', id, `${call.operation} on the last healthy target of ${arn}`);
        }
      }
    },
    after: (call: Call, execution: string): void => {
      for (const { id, targetGroups } of takenBy(call)) for (const arn of targetGroups) note(id, arn, execution);
    },
    /** An incident has ended, or people were notified of it. */
    told: (execution: string, reason: string, ended: boolean): void => {
      for (const [key, out] of outs) {
        if (out.execution !== execution) continue;
        if (isBack(out) || reason.includes('DRAINED')) outs.delete(key);
        else if (ended) {
          object('put-back', out.id, `${execution} has ended, and it is still out of ${out.targetGroup}`);
          outs.delete(key);
        }
      }
    },
    look: (): void => {
      for (const [key, out] of outs) {
        if (isBack(out)) outs.delete(key);
        else if (now() - out.at > longest) {
          object(
            'put-back',
            out.id,
            `is out of ${out.targetGroup} since ${Math.round((now() - out.at) / minuteMs)} minutes, and nobody was told`,
          );
          outs.delete(key);
        }
      }
    },
  };
};
