import { describe, expect, test } from '@jest/globals';
import { failOverDatabaseCluster } from '../../shared/playbooks/fail-over-cluster.ts';
import { clusterMembers, database, facts } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

describe('fail-over-cluster', () => {
  test('fails over once, and only a cluster', () => {
    const seen = (members?: ReturnType<typeof clusterMembers>) => facts({ instance: null, database: database(members ? { members } : {}) });
    expect(stepsFor(failOverDatabaseCluster, seen(clusterMembers()))).toEqual(['fail-over-cluster']);
    expect(stepsFor(failOverDatabaseCluster, seen())).toEqual([]);
    expect(failOverDatabaseCluster.ladder).toMatchObject([{ tries: 1 }]);
  });

  test('ends when both the writer and the alarm show that it is well', () => {
    expect(failOverDatabaseCluster.failing.map(({ id }) => id)).toEqual(['writer-serves', 'alarm-fires']);
    expect(failOverDatabaseCluster.healthy.map(({ id }) => id)).toEqual(['writer-serves', 'alarm-says-ok']);
  });
});
