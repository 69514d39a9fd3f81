import { LambdaClient, UpdateAliasCommand } from '@aws-sdk/client-lambda';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { defineAction, serviceTarget } from './action.ts';

/** The alias, and the version that it goes back to; null if the look shows none. */
const backOf = ({ service }: ResourceSnapshot) => {
  if (service?.kind !== 'function' || !service.alias || !service.release || 'unread' in service.release) return null;
  const [older, ...others] = service.release.before;
  return older && others.length === 0 ? { alias: service.alias, version: older.id } : null;
};

export const rollbackAlias = defineAction({
  id: 'rollback-alias',
  permissions: ['lambda:UpdateAlias'],
  effects: ['changesSoftware'],
  downtime: null,
  undo: 'let the alias point to the version again that it pointed to',
  target: serviceTarget('function'),
  verb: { base: 'roll', past: 'rolled' },
  object: ({ target, facts }) => {
    const back = backOf(facts);
    return `alias ${back?.alias.name ?? '?'} of function ${target.id} back from version ${back?.alias.version ?? '?'} to version ${back?.version ?? '?'}`;
  },
  steps: [
    {
      name: 'update-alias',
      done: ({ service }, { before }) =>
        service?.kind === 'function' && service.shifting === null && service.alias?.version === backOf(before)?.version,
      // Lambda refuses it if the alias has changed since it was looked at. It has no dry run.
      call: async (clients, { target, facts, dryRun }) => {
        const back = backOf(facts);
        if (dryRun || !back) return;
        await clients.of(LambdaClient).send(
          new UpdateAliasCommand({
            FunctionName: target.id,
            Name: back.alias.name,
            FunctionVersion: back.version,
            RoutingConfig: { AdditionalVersionWeights: {} },
            RevisionId: back.alias.revisionId,
          }),
        );
      },
    },
  ],
});
