import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { scaledTo } from '../model/container-service.ts';
import { defineAction } from './action.ts';
import { ecsServiceOf, ecsServiceTarget, placeOf } from './container-service.ts';

/** Adds tasks to a service, up to the maximum of its scalable target. */
export const scaleService = defineAction({
  id: 'scale-service',
  permissions: ['ecs:UpdateService'],
  effects: ['addsCapacity'],
  downtime: null,
  undo: 'set the desired count to what it was',
  target: ecsServiceTarget,
  verb: { base: 'scale', past: 'scaled' },
  object: ({ target, facts, policy }) => {
    const service = ecsServiceOf(facts);
    return `service ${target.id} out from ${service?.desired ?? '?'} to ${service ? scaledTo(service, policy.scaleOut.share) : '?'} tasks`;
  },
  steps: [
    {
      name: 'set-desired-count',
      done: (facts, { before, policy }) => {
        const [now, then] = [ecsServiceOf(facts), ecsServiceOf(before)];
        return now !== null && then !== null && now.desired >= scaledTo(then, policy.scaleOut.share);
      },
      // An absolute value, so that a repeated call changes nothing. ECS has no dry run.
      call: async (clients, { target, facts, policy, dryRun }) => {
        const service = ecsServiceOf(facts);
        if (dryRun || !service) return;
        const desiredCount = scaledTo(service, policy.scaleOut.share);
        await clients.of(ECSClient).send(new UpdateServiceCommand({ ...placeOf(target), desiredCount }));
      },
    },
  ],
});
