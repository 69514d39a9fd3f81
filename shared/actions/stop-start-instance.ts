import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { minutes } from '../model/duration.ts';
import { allowDryRun, bootAndChecks, defineAction, instanceTarget, started } from './action.ts';

/**
 * Stops and starts an instance, which moves it to another host, unlike a reboot. Its public IPv4 address changes unless it is an Elastic
 * IP, and instance store data are lost.
 */
export const stopStartInstance = defineAction({
  id: 'stop-start-instance',
  permissions: ['ec2:StopInstances', 'ec2:StartInstances'],
  effects: ['interrupts', 'removesFromService', 'changesAddress'],
  downtime: { seconds: 300, source: 'assumed' },
  // Neither the address that it had nor what was on an instance store comes back.
  undo: null,
  target: instanceTarget,
  takes: bootAndChecks,
  verb: { base: 'stop and start', past: 'stopped and started' },
  object: ({ target }) => `instance ${target.id} (moves it to another host)`,
  steps: [
    {
      name: 'stop',
      takesOut: true,
      done: ({ instance }) => instance?.state === 'stopping' || instance?.state === 'stopped',
      call: ({ ec2 }, { target, dryRun }) =>
        allowDryRun(dryRun, ec2.send(new StopInstancesCommand({ InstanceIds: [target.id], DryRun: dryRun }))),
      settled: { when: ({ instance }) => instance?.state === 'stopped', within: minutes(90) },
    },
    {
      name: 'start',
      done: ({ instance }) => instance?.state === 'pending' || instance?.state === 'running',
      call: ({ ec2 }, { target, dryRun }) =>
        allowDryRun(dryRun, ec2.send(new StartInstancesCommand({ InstanceIds: [target.id], DryRun: dryRun }))),
      settled: started,
    },
  ],
});
