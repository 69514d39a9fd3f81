import { TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { stageOf } from '../aws/lifecycle.ts';
import { defineAction, instanceTarget } from './action.ts';

/** Terminates a member through its group, which launches another in its place since the desired capacity stays. */
export const replaceMember = defineAction({
  id: 'replace-member',
  permissions: ['autoscaling:TerminateInstanceInAutoScalingGroup'],
  effects: ['interrupts', 'removesFromService', 'destroys'],
  target: instanceTarget,
  describe: ({ target, facts }) => `replace member ${target.id} of group ${facts.group?.name ?? '?'}`,
  steps: [
    {
      name: 'terminate',
      takesOut: true,
      // It is out of service as soon as it is on its way out; a second call would be refused.
      done: ({ group, instance }) =>
        group !== null &&
        !group.members.some(({ instanceId, lifecycleState }) => {
          const stage = stageOf(lifecycleState);
          return instanceId === instance?.id && stage !== 'leaving' && stage !== 'out';
        }),
      call: async ({ autoScaling }, { target, dryRun }) => {
        // Auto Scaling has no dry run of its own.
        if (dryRun) return;
        await autoScaling.send(
          new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: target.id, ShouldDecrementDesiredCapacity: false }),
        );
      },
    },
  ],
});
