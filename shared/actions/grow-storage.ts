import { ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { minutes } from '../model/duration.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { defineAction } from './action.ts';

const storageOf = ({ database }: ResourceSnapshot) => database?.storage ?? null;

export const growStorage = defineAction({
  id: 'grow-storage',
  permissions: ['rds:ModifyDBInstance'],
  effects: ['growsStorage'],
  downtime: null,
  undo: null,
  target: ({ database }) => (database && !database.members ? { type: 'database', id: database.id } : null),
  verb: { base: 'grow', past: 'grown' },
  object: ({ target, facts }) => {
    const storage = storageOf(facts);
    return `the storage of database ${target.id} from ${storage?.allocated ?? '?'} to ${storage?.next ?? '?'} GiB`;
  },
  steps: [
    {
      name: 'modify',
      done: (facts, { before }) => {
        const [now, asked] = [storageOf(facts), storageOf(before)?.next ?? null];
        return now !== null && asked !== null && Math.max(now.allocated, now.wanted ?? 0) >= asked;
      },
      // An absolute value, so that a repeated call changes nothing. RDS has no dry run.
      call: async (clients, { target, facts, dryRun }) => {
        const storage = storageOf(facts);
        if (dryRun || !storage || storage.next === null || storage.iops === 'unknown') return;
        await clients.of(RDSClient).send(
          new ModifyDBInstanceCommand({
            DBInstanceIdentifier: target.id,
            AllocatedStorage: storage.next,
            ...(storage.iops === null ? {} : { Iops: storage.iops }),
            ApplyImmediately: true,
          }),
        );
      },
      settled: {
        when: ({ database }) => database?.storage?.wanted === null && database.state !== 'modifying',
        within: minutes(30),
      },
    },
  ],
});
