import { describe, expect, test } from '@jest/globals';
import { addClusterReader } from '../../shared/playbooks/add-reader.ts';
import { clusterMembers, clusterReaders, database, facts } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

describe('add-reader', () => {
  test('adds one reader, and only to a cluster', () => {
    const seen = (change: Parameters<typeof database>[0]) => facts({ instance: null, database: database(change) });
    expect(stepsFor(addClusterReader, seen({ members: clusterMembers(), reading: clusterReaders() }))).toEqual(['add-reader']);
    expect(stepsFor(addClusterReader, seen({}))).toEqual([]);
    expect(addClusterReader.ladder).toMatchObject([{ tries: 1, healthy: [{ id: 'reader-serves' }, { id: 'alarm-says-ok' }] }]);
  });
});
