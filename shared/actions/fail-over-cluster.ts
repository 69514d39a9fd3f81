import { FailoverDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import type { Backoff } from '../model/backoff.ts';
import { describeMembers, heirOf } from '../model/cluster-members.ts';
import { hours, minutes } from '../model/duration.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { defineAction } from './action.ts';

/** One cluster is failed over at most once in so many seconds: what has to be more often is no matter of its writer. */
const onceIn = hours(6);

/** Nobody can write meanwhile. RDS takes less than a minute, so looks are as frequent as that; later ones are a tenth of the time apart. */
const pace: Backoff = { initial: 4, cap: 30, factor: 1.05, attempts: Number.POSITIVE_INFINITY };

const heirIn = ({ database }: ResourceSnapshot) => {
  const heir = database?.members && heirOf(database.members);
  return heir && 'id' in heir ? heir : null;
};

export const failOverCluster = defineAction({
  id: 'fail-over-cluster',
  permissions: ['rds:FailoverDBCluster'],
  effects: ['interrupts'],
  // AWS: service is typically restored in less than 60 seconds.
  downtime: { seconds: 60, source: 'https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html' },
  undo: 'fail it over to the member that was the writer',
  once: () => onceIn,
  pace,
  asks: ({ databases }, { database }) => {
    if (databases.approval === 'waived') return null;
    const has = database?.members ? `; it has ${describeMembers(database.members)}` : '';
    return `a failover ends every connection to the cluster${has}`;
  },
  target: ({ database }) => (database?.members ? { type: 'database', id: database.id } : null),
  verb: { base: 'fail over', past: 'failed over' },
  object: ({ target, facts }) => {
    const heir = heirIn(facts);
    const to = heir ? `${heir.id} in ${heir.availabilityZone}, which is ${Math.round(heir.lag)} ms behind` : 'a reader';
    return `cluster ${target.id} to ${to}`;
  },
  steps: [
    {
      name: 'fail-over',
      done: ({ database }, { before }) => database?.state === 'failing-over' || database?.members?.writer?.id === heirIn(before)?.id,
      // RDS has no dry run. Without a target it would choose by itself, whatever is behind.
      call: async (clients, { target, facts, dryRun }) => {
        const heir = heirIn(facts);
        if (dryRun || !heir) return;
        const input = { DBClusterIdentifier: target.id, TargetDBInstanceIdentifier: heir.id };
        await clients.of(RDSClient).send(new FailoverDBClusterCommand(input));
      },
      settled: { when: ({ database }) => database?.members !== undefined && database.state !== 'failing-over', within: minutes(5) },
    },
  ],
});
