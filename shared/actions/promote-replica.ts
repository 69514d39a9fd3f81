import { PromoteReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { minutes } from '../model/duration.ts';
import { describeReplica, describeReplication } from '../model/replica.ts';
import { defineAction } from './action.ts';

/** A read replica becomes a database of its own: what its source had and it had not is lost, and it never replicates that again. */
export const promoteReplica = defineAction({
  id: 'promote-replica',
  permissions: ['rds:PromoteReadReplica'],
  effects: ['interrupts', 'removesFromService', 'destroys'],
  downtime: { seconds: 600, source: 'assumed' },
  undo: null,
  people: 2,
  asks: (_, { database }) =>
    `a promotion is for good, and whatever the replica lacks is lost${database?.replica ? `; ${database.id} is ${describeReplica(database.replica)}; ${describeReplication(database.replica)}` : ''}`,
  target: ({ database }) => (database?.replica && !database.replica.reader ? { type: 'database', id: database.id } : null),
  verb: { base: 'promote', past: 'promoted' },
  object: ({ target, facts }) => `database ${target.id}, a replica of ${facts.database?.replica?.source.id ?? 'an unknown source'}`,
  steps: [
    {
      name: 'promote',
      done: ({ database }, { before }) =>
        database?.replica === null || (database?.state === 'modifying' && before.database?.state === 'available'),
      // RDS has no dry run.
      call: async (clients, { target, dryRun }) => {
        if (!dryRun) await clients.of(RDSClient).send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: target.id }));
      },
      settled: { when: ({ database }) => database?.replica === null, within: minutes(30) },
    },
  ],
});
