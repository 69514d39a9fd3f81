import { describe, expect, test } from '@jest/globals';
import { addClusterReader } from '../../shared/playbooks/add-reader.ts';
import { clusterMembers, clusterReaders, database, facts, instanceReplicas } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

describe('add-reader', () => {
  test('adds one reader to a cluster, or one replica to an instance that is named for it', () => {
    const seen = (change: Parameters<typeof database>[0]) => facts({ instance: null, database: database(change) });
    expect(stepsFor(addClusterReader, seen({ members: clusterMembers(), reading: clusterReaders() }))).toEqual(['add-reader']);
    expect(stepsFor(addClusterReader, seen({ replicas: instanceReplicas() }))).toEqual(['add-replica']);
    expect(stepsFor(addClusterReader, seen({}))).toEqual([]);
    const proven = { tries: 1, healthy: [{ id: 'reader-serves' }, { id: 'alarm-says-ok' }] };
    expect(addClusterReader.ladder).toMatchObject([proven, proven]);
  });
});
