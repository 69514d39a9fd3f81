import { StartInstancesCommand } from '@aws-sdk/client-ec2';
import { allowDryRun, bootAndChecks, defineAction, instanceTarget, started } from './action.ts';

export const startInstance = defineAction({
  id: 'start-instance',
  permissions: ['ec2:StartInstances'],
  effects: ['starts'],
  downtime: null,
  undo: 'stop it again',
  target: instanceTarget,
  takes: bootAndChecks,
  verb: { base: 'start', past: 'started' },
  object: ({ target }) => `instance ${target.id}`,
  steps: [
    {
      name: 'start',
      done: ({ instance }) => instance?.state === 'pending' || instance?.state === 'running',
      call: ({ ec2 }, { target, dryRun }) =>
        allowDryRun(dryRun, ec2.send(new StartInstancesCommand({ InstanceIds: [target.id], DryRun: dryRun }))),
      settled: started,
    },
  ],
});
