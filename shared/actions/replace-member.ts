import { SetInstanceHealthCommand, TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { stageOf } from '../model/member-lifecycle.ts';
import { defineAction, instanceTarget } from './action.ts';

/**
 * Replaces a group member at a constant desired capacity: by terminating it through the group or, if the group has a maintenance policy, by
 * marking it unhealthy.
 */
export const replaceMember = defineAction({
  id: 'replace-member',
  permissions: ['autoscaling:SetInstanceHealth', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
  effects: ['interrupts', 'removesFromService', 'destroys'],
  downtime: { seconds: 300, source: 'assumed' },
  undo: null,
  target: instanceTarget,
  verb: { base: 'replace', past: 'replaced' },
  object: ({ target, facts }) => `member ${target.id} of group ${facts.group?.name ?? '?'}`,
  steps: [
    {
      name: 'terminate',
      takesOut: true,
      // It is done once the member is leaving; a second call would be refused.
      done: ({ group, instance }) =>
        group !== null &&
        !group.members.some(({ instanceId, lifecycleState, health }) => {
          const stage = stageOf(lifecycleState);
          // A member marked unhealthy is replaced by the group according to its policy.
          const replaced = group.maintenance !== null && health === 'Unhealthy';
          return instanceId === instance?.id && !replaced && stage !== 'leaving' && stage !== 'out';
        }),
      call: async ({ autoScaling }, { target, facts, dryRun }) => {
        // Auto Scaling has no dry run.
        if (dryRun) return;
        const InstanceId = target.id;
        // Terminating by call ignores the group's maintenance policy; unhealthy members are replaced according to it (assumed).
        await (facts.group?.maintenance
          ? autoScaling.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false }))
          : autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false })));
      },
    },
  ],
});
