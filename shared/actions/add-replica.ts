import { CreateDBInstanceReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { madeByTag } from '../model/cluster-readers.ts';
import { minutes } from '../model/duration.ts';
import { defineAction } from './action.ts';

/** A read replica of an instance that is no member of a cluster. Nobody reads from it whose clients don't find it. */
export const addReplica = defineAction({
  id: 'add-replica',
  permissions: ['rds:CreateDBInstanceReadReplica'],
  effects: ['addsCapacity'],
  undo: 'delete the replica, as selfheal does once it has been calm for long enough',
  downtime: null,
  makes: ({ database }) => (database?.replicas ? { reader: database.replicas.own.id, replica: true } : null),
  target: ({ database }) => (database?.replicas ? { type: 'database', id: database.id } : null),
  verb: { base: 'add', past: 'added' },
  object: ({ target, facts: { database } }) => {
    const { own, class: like, count } = database?.replicas ?? {};
    return `read replica ${own?.id ?? '?'} of class ${like ?? '?'} to database ${target.id}, which has ${count ?? '?'}`;
  },
  steps: [
    {
      name: 'create',
      done: ({ database }) => (database?.replicas?.own.state ?? null) !== null,
      // The name is the incident's own, so a repeated call makes no other: RDS refuses it. RDS has no dry run. Parameters, options,
      // security groups, storage and encryption are those of the source where the call names none:
      // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
      call: async (clients, { target, facts: { database }, dryRun }) => {
        const { own, class: like = null, zone = null, public: isPublic } = database?.replicas ?? {};
        if (dryRun || !own || like === null || zone === null) return;
        await clients.of(RDSClient).send(
          new CreateDBInstanceReadReplicaCommand({
            DBInstanceIdentifier: own.id,
            SourceDBInstanceIdentifier: target.id,
            DBInstanceClass: like,
            AvailabilityZone: zone,
            PubliclyAccessible: isPublic === true,
            Tags: [{ Key: madeByTag, Value: own.madeBy }],
          }),
        );
      },
      // RDS restores it from a snapshot of its source: how long that takes at most is assumed.
      settled: { when: ({ database }) => database?.replicas?.own.state === 'available', within: minutes(60) },
    },
  ],
});
