import { describe, expect, test } from '@jest/globals';
import { catchUpReplica } from '../../shared/playbooks/catch-up-replica.ts';
import { clusterMembers, database, facts, replica } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

describe('catch-up-replica', () => {
  test('reboots once, and no cluster', () => {
    const seen = (change: Parameters<typeof database>[0]) => facts({ instance: null, database: database(change) });
    expect(stepsFor(catchUpReplica, seen({ replica: replica() }))).toEqual(['reboot-database']);
    expect(stepsFor(catchUpReplica, seen({ members: clusterMembers() }))).toEqual([]);
    expect(catchUpReplica.ladder).toMatchObject([{ tries: 1 }, { tries: 1 }]);
  });

  test('promotes one whose source is lost, which is healed once it stands alone', () => {
    const orphan = replica({ source: { id: 'orders', state: 'failed' } });
    const seen = facts({ instance: null, database: database({ replica: orphan }) });
    expect(stepsFor(catchUpReplica, seen)).toEqual(['promote-replica', 'reboot-database']);
    expect(catchUpReplica.ladder[0]).toMatchObject({ healthy: [{ id: 'replica-stands-alone' }] });
  });

  test('ends when both the replica and the alarm show that it is well', () => {
    expect(catchUpReplica.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
    expect(catchUpReplica.healthy.map(({ id }) => id)).toEqual(['database-is-available', 'alarm-says-ok']);
  });
});
