import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { allowDryRun, bootAndChecks, defineAction, instanceTarget } from './action.ts';

export const rebootInstance = defineAction({
  id: 'reboot-instance',
  permissions: ['ec2:RebootInstances'],
  effects: ['interrupts'],
  downtime: { seconds: 180, source: 'assumed' },
  undo: 'it passes by itself',
  target: instanceTarget,
  // What is idle while it boots looks well to an alarm for a minute more.
  takes: bootAndChecks + 60,
  verb: { base: 'reboot', past: 'rebooted' },
  object: ({ target }) => `instance ${target.id}`,
  steps: [
    {
      name: 'reboot',
      // The call only queues the reboot and has no client token: verification decides whether it happened.
      call: ({ ec2 }, { target, dryRun }) =>
        allowDryRun(dryRun, ec2.send(new RebootInstancesCommand({ InstanceIds: [target.id], DryRun: dryRun }))),
    },
  ],
});
