import { SetInstanceHealthCommand, TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { stageOf } from '../model/member-lifecycle.ts';
import { defineAction, instanceTarget } from './action.ts';

/**
 * Has a member's group put another in its place, since the desired capacity stays: by terminating it through the group, or where that has
 * a maintenance policy by calling it unhealthy.
 */
export const replaceMember = defineAction({
  id: 'replace-member',
  permissions: ['autoscaling:SetInstanceHealth', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
  effects: ['interrupts', 'removesFromService', 'destroys'],
  target: instanceTarget,
  verb: { base: 'replace', past: 'replaced' },
  object: ({ target, facts }) => `member ${target.id} of group ${facts.group?.name ?? '?'}`,
  steps: [
    {
      name: 'terminate',
      takesOut: true,
      // It is out of service as soon as it is on its way out; a second call would be refused.
      done: ({ group, instance }) =>
        group !== null &&
        !group.members.some(({ instanceId, lifecycleState, health }) => {
          const stage = stageOf(lifecycleState);
          // Called unhealthy, it is the group's to replace by its own policy.
          const replaced = group.maintenance !== null && health === 'Unhealthy';
          return instanceId === instance?.id && !replaced && stage !== 'leaving' && stage !== 'out';
        }),
      call: async ({ autoScaling }, { target, facts, dryRun }) => {
        // Auto Scaling has no dry run of its own.
        if (dryRun) return;
        const InstanceId = target.id;
        // A termination by call passes the group's maintenance policy by; what is unhealthy is replaced as that says (assumed).
        await (facts.group?.maintenance
          ? autoScaling.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false }))
          : autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false })));
      },
    },
  ],
});
