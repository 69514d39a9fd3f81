import { RDSClient, RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { describeReplica } from '../model/replica.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { defineAction } from './action.ts';

/** Whether the standby takes over, instead of a restart in place. */
const failsOver = ({ database }: ResourceSnapshot): boolean => database?.multiAz === true;

export const rebootDatabase = defineAction({
  id: 'reboot-database',
  permissions: ['rds:RebootDBInstance'],
  effects: ['interrupts'],
  downtime: { seconds: 120, source: 'assumed' },
  undo: 'it passes by itself',
  asks: ({ databases }, facts) => {
    if (databases.approval === 'waived') return null;
    const { database } = facts;
    const replica = database?.replica ? `; ${database.id} is ${describeReplica(database.replica)}` : '';
    return failsOver(facts)
      ? `a reboot with a failover ends every connection to the database, and its standby in another zone takes over${replica}`
      : `a reboot in place ends every connection to the database, which has no standby: it is away until it has started again${replica}`;
  },
  target: ({ database }) => (database && !database.members ? { type: 'database', id: database.id } : null),
  verb: { base: 'reboot', past: 'rebooted' },
  object: ({ target, facts }) => `database ${target.id}${failsOver(facts) ? ' with a failover to its standby' : ''}`,
  steps: [
    {
      name: 'reboot',
      // RDS has no dry run and no client token: if the answer is lost, it counts as done, and verification decides.
      // A failover is refused for what isn't Multi-AZ: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RebootDBInstance.html.
      call: async (clients, { target, facts, dryRun }) => {
        const input = { DBInstanceIdentifier: target.id, ...(failsOver(facts) ? { ForceFailover: true } : {}) };
        if (!dryRun) await clients.of(RDSClient).send(new RebootDBInstanceCommand(input));
      },
    },
  ],
});
