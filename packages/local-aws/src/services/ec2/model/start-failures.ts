import type { Fleet } from './fleet.ts';
import type { Instance, StateReason } from './instance.ts';
import type { Volumes } from './volumes.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html */
const messages: Readonly<Record<string, string>> = {
  'Client.InternalError': 'Client error on launch',
  'Client.InvalidSnapshot.NotFound': 'The specified snapshot was not found',
  'Client.VolumeLimitExceeded': 'The limit on the number of EBS volumes or total storage was exceeded',
  'Server.InsufficientInstanceCapacity': 'Insufficient capacity to satisfy launch request',
  'Server.InternalError': 'Internal error',
};

export const failureReason = (code: string): StateReason => ({ code, message: `${code}: ${messages[code] ?? 'Instance start failed'}` });

/**
 * Why a start that was accepted fails all the same: EC2 finds out about volumes and their keys only afterwards.
 * https://repost.aws/knowledge-center/kms-iam-ec2-permission
 */
export const createStartFailures = (fleet: Fleet, volumes: Volumes) => {
  /** Starts of an instance that are to fail, the first one first. */
  const planned = new Map<string, { code: string; left: number; over: () => void }[]>();

  return {
    of: (instance: Instance, principal: string): StateReason | null => {
      const plan = planned.get(instance.id)?.[0];
      if (plan) {
        plan.left--;
        if (plan.left <= 0) plan.over();
        return failureReason(plan.code);
      }
      return volumes.canStart(instance, principal) ? null : failureReason('Client.InternalError');
    },

    /** Lets the next `count` starts of an instance fail; `over` is called after the last. Returns what withdraws it. */
    plan: (instanceId: string, code: string, count: number, over: () => void): (() => void) => {
      fleet.expect(instanceId);
      const plan = { code, left: count, over };
      planned.set(instanceId, [...(planned.get(instanceId) ?? []), plan]);
      return () => {
        const left = (planned.get(instanceId) ?? []).filter((other) => other !== plan);
        if (left.length > 0) planned.set(instanceId, left);
        else planned.delete(instanceId);
      };
    },
  };
};

export type StartFailures = ReturnType<typeof createStartFailures>;
