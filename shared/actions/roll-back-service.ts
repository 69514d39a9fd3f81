import { ECSClient, StopServiceDeploymentCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { deploymentStages } from '../model/container-service.ts';
import { minutes } from '../model/duration.ts';
import { defineAction } from './action.ts';
import { ecsServiceOf, ecsServiceTarget, placeOf } from './container-service.ts';

/** Brings the revision before back: by stopping the deployment that is under way, or by deploying that revision. */
export const rollBackService = defineAction({
  id: 'roll-back-service',
  permissions: ['ecs:StopServiceDeployment', 'ecs:UpdateService'],
  effects: ['changesSoftware'],
  downtime: null,
  undo: 'deploy the newer revision again',
  target: ecsServiceTarget,
  verb: { base: 'roll', past: 'rolled' },
  object: ({ target, facts }) => {
    const { deployment } = ecsServiceOf(facts) ?? {};
    return `service ${target.id} back from ${deployment?.target ?? '?'} to ${deployment?.source ?? '?'}`;
  },
  steps: [
    {
      name: 'roll-back',
      // The deployment has turned, or another one has brought the revision before.
      done: (facts, { before }) => {
        const [now, then] = [ecsServiceOf(facts)?.deployment, ecsServiceOf(before)?.deployment];
        if (!now || !then) return false;
        return now.arn === then.arn ? now.rolledBack : now.target === then.source;
      },
      call: async (clients, { target, facts, dryRun }) => {
        const { deployment } = ecsServiceOf(facts) ?? {};
        // ECS has no dry run.
        if (dryRun || !deployment || deployment.status === 'unknown') return;
        const ecs = clients.of(ECSClient);
        if (deploymentStages[deployment.status] === 'under-way')
          await ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: deployment.arn, stopType: 'ROLLBACK' }));
        else if (deployment.source !== null)
          await ecs.send(new UpdateServiceCommand({ ...placeOf(target), taskDefinition: deployment.source }));
      },
      settled: { when: (facts) => ecsServiceOf(facts)?.rollout === 'COMPLETED', within: minutes(20) },
    },
  ],
});
