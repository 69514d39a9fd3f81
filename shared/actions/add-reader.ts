import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { madeByTag } from '../model/cluster-readers.ts';
import { minutes } from '../model/duration.ts';
import { defineAction } from './action.ts';

/** The last that a failover would take: the cluster was made to be led by others. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
const lastTier = 15;

export const addReader = defineAction({
  id: 'add-reader',
  permissions: ['rds:CreateDBInstance'],
  effects: ['addsCapacity'],
  downtime: null,
  undo: 'delete the reader, as selfheal does once it has been calm for long enough',
  makes: ({ database }) => (database?.reading ? { reader: database.reading.own.id } : null),
  target: ({ database }) => (database?.reading ? { type: 'database', id: database.id } : null),
  verb: { base: 'add', past: 'added' },
  object: ({ target, facts: { database } }) => {
    const { own, like, others } = database?.reading ?? {};
    return `reader ${own?.id ?? '?'} of class ${like?.class ?? '?'} to cluster ${target.id}, which has ${others?.length ?? '?'}`;
  },
  steps: [
    {
      name: 'create',
      done: ({ database }) => (database?.reading?.own.state ?? null) !== null,
      // The name is the incident's own, so a repeated call makes no other: RDS refuses it. RDS has no dry run.
      call: async (clients, { target, facts: { database }, dryRun }) => {
        const { own, like, engine } = database?.reading ?? {};
        if (dryRun || !own || !like) return;
        await clients.of(RDSClient).send(
          new CreateDBInstanceCommand({
            DBInstanceIdentifier: own.id,
            DBClusterIdentifier: target.id,
            Engine: engine,
            DBInstanceClass: like.class,
            PromotionTier: lastTier,
            Tags: [{ Key: madeByTag, Value: own.madeBy }],
            ...(like.parameterGroup === null ? {} : { DBParameterGroupName: like.parameterGroup }),
            ...(like.public === null ? {} : { PubliclyAccessible: like.public }),
          }),
        );
      },
      settled: { when: ({ database }) => database?.reading?.own.state === 'available', within: minutes(30) },
    },
  ],
});
