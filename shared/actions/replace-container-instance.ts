import { ECSClient, UpdateContainerInstancesStateCommand } from '@aws-sdk/client-ecs';
import { minutes } from '../model/duration.ts';
import { defineAction, instanceTarget } from './action.ts';
import { replaceMember } from './replace-member.ts';

const [terminate] = replaceMember.steps;

/** Replaces a host of ECS: its tasks move, as far as they do within a while, and then its group replaces it. */
export const replaceContainerInstance = defineAction({
  id: 'replace-container-instance',
  permissions: ['ecs:UpdateContainerInstancesState', ...replaceMember.permissions],
  effects: ['interrupts', 'removesFromService', 'destroys'],
  downtime: { seconds: 300, source: 'assumed' },
  undo: null,
  target: (facts) => (facts.host ? instanceTarget(facts) : null),
  // It runs, and takes no tasks.
  leaves: ({ target, facts: { host } }) =>
    host?.status === 'DRAINING'
      ? `DRAINED by selfheal: ${target.id} takes no tasks of cluster ${host.cluster}, until aws ecs update-container-instances-state --cluster ${host.cluster} --container-instances ${host.arn} --status ACTIVE`
      : null,
  verb: { base: 'drain and replace', past: 'drained and replaced' },
  object: ({ target, facts }) =>
    `container instance ${target.id} of cluster ${facts.host?.cluster ?? '?'} and group ${facts.group?.name ?? '?'}`,
  steps: [
    {
      name: 'drain',
      takesOut: true,
      done: ({ host }) => host?.status === 'DRAINING' || host?.status === 'INACTIVE',
      call: async (clients, { facts: { host }, dryRun }) => {
        // ECS has no dry run.
        if (dryRun || !host) return;
        const { arn, cluster } = host;
        await clients
          .of(ECSClient)
          .send(new UpdateContainerInstancesStateCommand({ cluster, containerInstances: [arn], status: 'DRAINING' }));
      },
      // Tasks of no service don't move, and an agent that is gone stops none.
      settled: {
        when: ({ host }) => !host || host.status === 'INACTIVE' || (host.status === 'DRAINING' && host.tasks <= host.standalone),
        within: minutes(10),
        goesOn: true,
      },
    },
    terminate,
  ],
});
