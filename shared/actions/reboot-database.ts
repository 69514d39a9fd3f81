import { RDSClient, RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { describeReplica } from '../model/replica.ts';
import { defineAction } from './action.ts';

export const rebootDatabase = defineAction({
  id: 'reboot-database',
  permissions: ['rds:RebootDBInstance'],
  effects: ['interrupts'],
  undo: 'it passes by itself',
  asks: ({ databases }, { database }) => {
    if (databases.approval === 'waived') return null;
    const replica = database?.replica ? `; ${database.id} is ${describeReplica(database.replica)}` : '';
    return `a reboot ends every connection to the database${replica}`;
  },
  target: ({ database }) => (database && !database.members ? { type: 'database', id: database.id } : null),
  verb: { base: 'reboot', past: 'rebooted' },
  object: ({ target }) => `database ${target.id}`,
  steps: [
    {
      name: 'reboot',
      // RDS has no dry run and no client token: if the answer is lost, it counts as done, and verification decides.
      call: async (clients, { target, dryRun }) => {
        if (!dryRun) await clients.of(RDSClient).send(new RebootDBInstanceCommand({ DBInstanceIdentifier: target.id }));
      },
    },
  ],
});
