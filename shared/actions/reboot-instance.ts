import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { allowDryRun, bootAndChecks, defineAction, instanceTarget } from './action.ts';

export const rebootInstance = defineAction({
  id: 'reboot-instance',
  permissions: ['ec2:RebootInstances'],
  effects: ['interrupts'],
  downtime: { seconds: 180, source: 'assumed' },
  undo: 'it passes by itself',
  target: instanceTarget,
  // One that hangs is cut off after a few minutes only, and what is idle while it boots looks well to an alarm for a minute more.
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-reboot.html
  takes: bootAndChecks + 120,
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
