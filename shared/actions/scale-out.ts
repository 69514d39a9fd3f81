import { SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import type { Policy } from '../model/policy.ts';
import type { GroupFacts } from '../model/snapshot.ts';
import { bootAndChecks, defineAction, groupTarget } from './action.ts';

/** The desired capacity after one scale-out: a share more, at least one more, and never above the maximum. */
export const scaleOutTo = ({ desired, max }: GroupFacts, { scaleOut }: Policy): number =>
  Math.min(max, desired + Math.max(1, Math.ceil(desired * scaleOut.share)));

export const scaleOut = defineAction({
  id: 'scale-out',
  permissions: ['autoscaling:SetDesiredCapacity'],
  effects: ['addsCapacity'],
  downtime: null,
  undo: 'set the desired capacity to what it was',
  target: groupTarget,
  // New members have to boot before they carry a share of the load.
  takes: bootAndChecks,
  verb: { base: 'scale', past: 'scaled' },
  object: ({ target, facts, policy }) =>
    `group ${target.id} out from ${facts.group?.desired ?? '?'} to ${facts.group ? scaleOutTo(facts.group, policy) : '?'} instances`,
  steps: [
    {
      name: 'set-capacity',
      done: ({ group }, { before, policy }) => group !== null && before.group !== null && group.desired >= scaleOutTo(before.group, policy),
      // An absolute value, so that a repeated call changes nothing.
      call: async ({ autoScaling }, { target, facts, policy, dryRun }) => {
        if (dryRun || !facts.group) return;
        await autoScaling.send(
          new SetDesiredCapacityCommand({
            AutoScalingGroupName: target.id,
            DesiredCapacity: scaleOutTo(facts.group, policy),
            HonorCooldown: true,
          }),
        );
      },
    },
  ],
});
