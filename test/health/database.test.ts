import { describe, expect, test } from '@jest/globals';
import { databaseIsAvailable, readerServes, replicaStandsAlone, storageHasGrown, writerServes } from '../../shared/health/database.ts';
import type { ReadersFacts } from '../../shared/model/cluster-readers.ts';
import type { DatabaseFacts } from '../../shared/model/snapshot.ts';
import { clusterMembers, clusterReaders, database, databaseStorage, facts, incident, replica } from '../remediation/examples.ts';

const stateOf = (seen: DatabaseFacts | null, about = incident()) => {
  const look = facts({ instance: null, database: seen });
  return databaseIsAvailable.check({ facts: look, incident: about, before: look }).state;
};
const told = (eventId: string) => incident({ alarm: null, kind: 'rds', evidence: { eventId } });

describe('database-is-available', () => {
  test.each([
    ['available', 'healthy'],
    ['rebooting', 'unknown'],
    ['backing-up', 'unknown'],
    ['unknown', 'unknown'],
    ['failed', 'unhealthy'],
    ['storage-full', 'unhealthy'],
    ['stopped', 'unhealthy'],
  ] as const)('takes %s for %s', (state, expected) => {
    expect(stateOf(database({ state }))).toBe(expected);
  });

  test('is unknown for a database that is not there', () => {
    expect(stateOf(null)).toBe('unknown');
  });

  test('says in which state it is, as far as that is known', () => {
    const says = (state: DatabaseFacts['state']) => {
      const look = facts({ instance: null, database: database({ state }) });
      return databaseIsAvailable.check({ facts: look, incident: incident(), before: look }).because;
    };
    expect([says('rebooting'), says('unknown')]).toEqual(['orders is rebooting', 'orders is in an unknown state']);
  });

  test('shows without an alarm only that a restart is over', () => {
    expect(stateOf(database(), told('RDS-EVENT-0004'))).toBe('healthy');
    expect(stateOf(database(), told('RDS-EVENT-0006'))).toBe('healthy');
    expect(stateOf(database(), told('RDS-EVENT-0045'))).toBe('unknown');
    expect(stateOf(database({ state: 'rebooting' }), told('RDS-EVENT-0004'))).toBe('unknown');
  });
});

describe('reader-serves', () => {
  const healthWith = (state: ReadersFacts['own']['state'] | undefined) => {
    const reading = state === undefined ? {} : { reading: clusterReaders({ own: { ...clusterReaders().own, state } }) };
    const look = facts({ instance: null, database: database(reading) });
    return readerServes.check({ facts: look, incident: incident(), before: look });
  };
  const stateWith = (state: ReadersFacts['own']['state'] | undefined) => healthWith(state).state;

  test('says in which state the reader is, as far as that is known', () => {
    expect([healthWith('creating').because, healthWith('unknown').because]).toEqual([
      'reader shop-selfheal-1 is creating',
      'reader shop-selfheal-1 is in an unknown state',
    ]);
  });

  test('is healthy once the reader is available, and nothing else is', () => {
    expect((['available', 'creating', 'unknown', 'failed', null, undefined] as const).map(stateWith)).toEqual([
      ...['healthy', 'unknown', 'unknown', 'unhealthy', 'unhealthy', 'unknown'],
    ]);
  });
});

describe('replica-stands-alone', () => {
  const stateWith = (change: Partial<DatabaseFacts> | null) => {
    const look = facts({ instance: null, database: change && database(change) });
    return replicaStandsAlone.check({ facts: look, incident: incident(), before: look }).state;
  };

  test('is healthy once the database is available and replicates nothing', () => {
    expect(stateWith({ replica: null })).toBe('healthy');
    expect(stateWith({ replica: replica() })).toBe('unhealthy');
    expect(stateWith({ replica: null, state: 'rebooting' })).toBe('unknown');
    expect(stateWith({ replica: null, state: 'unknown' })).toBe('unknown');
  });

  test('is unknown where nobody looked', () => {
    expect(stateWith({})).toBe('unknown');
    expect(stateWith(null)).toBe('unknown');
  });
});

describe('storage-has-grown', () => {
  const look = (storage?: Parameters<typeof databaseStorage>[0]) =>
    facts({ instance: null, database: database(storage ? { storage: databaseStorage(storage) } : {}) });
  const stateAfter = (now: ReturnType<typeof look>, before = look({})) =>
    storageHasGrown.check({ facts: now, incident: incident(), before }).state;

  test.each([
    [{ allocated: 110, next: 121 }, 'healthy'],
    [{ allocated: 200 }, 'healthy'],
    [{ wanted: 110 }, 'unknown'],
    [{ wanted: 105 }, 'unhealthy'],
    [{ allocated: 109 }, 'unhealthy'],
  ])('takes %j, where 110 GiB were asked for, for %s', (now, expected) => {
    expect(stateAfter(look(now))).toBe(expected);
  });

  test('is unknown where the size is not known, or none was asked for', () => {
    expect(stateAfter(look())).toBe('unknown');
    expect(stateAfter(facts({ database: null }))).toBe('unknown');
    expect(stateAfter(look({ allocated: 110 }), look({ next: null }))).toBe('unknown');
  });
});

describe('writer-serves', () => {
  const stateOfCluster = (change: Partial<DatabaseFacts>) => {
    const look = facts({ instance: null, database: database({ id: 'shop', ...change }) });
    return writerServes.check({ facts: look, incident: incident(), before: look }).state;
  };
  const serving = { id: 'shop-0', state: 'available', availabilityZone: 'us-east-1a', silentSince: null } as const;

  test('says in which state the cluster is, as far as that is known', () => {
    const says = (state: DatabaseFacts['state']) => {
      const look = facts({ instance: null, database: database({ id: 'shop', state, members: clusterMembers() }) });
      return writerServes.check({ facts: look, incident: incident(), before: look }).because;
    };
    expect([says('failing-over'), says('unknown')]).toEqual(['shop is failing-over', 'shop is in an unknown state']);
  });

  test.each<[string, Partial<DatabaseFacts>, string]>([
    ['a writer that serves', { members: clusterMembers({ writer: serving }) }, 'healthy'],
    ['a writer without metrics', { members: clusterMembers() }, 'unhealthy'],
    ['a cluster that fails over', { state: 'failing-over', members: clusterMembers({ writer: serving }) }, 'unknown'],
    ['a cluster without any metrics', { members: clusterMembers({ heard: false }) }, 'unknown'],
    ['an instance', {}, 'unknown'],
  ])('takes %s for %s', (_, change, expected) => {
    expect(stateOfCluster(change)).toBe(expected);
  });
});
