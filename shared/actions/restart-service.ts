import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { defineAction } from './action.ts';
import { ecsServiceOf, ecsServiceTarget, placeOf } from './container-service.ts';

/** Replaces all tasks of a service by new ones of the same revision, as many at once as its deployment configuration allows. */
export const restartService = defineAction({
  id: 'restart-service',
  permissions: ['ecs:UpdateService'],
  effects: ['interrupts'],
  downtime: { seconds: 60, source: 'assumed' },
  undo: 'it passes by itself',
  target: ecsServiceTarget,
  verb: { base: 'restart', past: 'restarted' },
  object: ({ target }) => `service ${target.id}`,
  steps: [
    {
      name: 'restart',
      done: (facts, { before }) => {
        const [now, then] = [ecsServiceOf(facts)?.deployment, ecsServiceOf(before)?.deployment];
        return now !== undefined && now !== null && now.arn !== then?.arn;
      },
      call: async (clients, { target, dryRun }) => {
        // ECS has no dry run.
        if (!dryRun) await clients.of(ECSClient).send(new UpdateServiceCommand({ ...placeOf(target), forceNewDeployment: true }));
      },
    },
  ],
});
