import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { addReader } from '../../shared/actions/add-reader.ts';
import type { ReadersFacts } from '../../shared/model/cluster-readers.ts';
import { clusterMembers, clusterReaders, database, facts, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = (change: Partial<ReadersFacts> = {}) =>
  facts({ instance: null, status: null, database: database({ id: 'shop', members: clusterMembers(), reading: clusterReaders(change) }) });
const own = (state: ReadersFacts['own']['state']) => seen({ own: { ...clusterReaders().own, state } });
const [step] = addReader.steps;

describe('add-reader', () => {
  test('makes one like the others, by the name and with the tag of its incident, which no failover takes first', async () => {
    const input = {
      DBInstanceIdentifier: 'shop-selfheal-1',
      DBClusterIdentifier: 'shop',
      Engine: 'aurora-postgresql',
      DBInstanceClass: 'db.r7g.large',
      DBParameterGroupName: 'shop',
      PubliclyAccessible: false,
      PromotionTier: 15,
      Tags: [{ Key: 'selfheal:made-by', Value: 'load-saturated-1' }],
    };
    expect(await doAll(addReader, seen())).toEqual([{ permission: 'rds:CreateDBInstance', input }]);
    expect(await doAll(addReader, seen({ like: null }))).toEqual([]);
    const { DBParameterGroupName: _, PubliclyAccessible: __, ...known } = input;
    expect(await doAll(addReader, seen({ like: { class: 'db.r7g.large', parameterGroup: null, public: null } }))).toEqual([
      { permission: 'rds:CreateDBInstance', input: known },
    ]);
  });

  test('calls nothing in a dry run, since RDS has none', async () => {
    expect(await doAll(addReader, seen(), { dryRun: true })).toEqual([]);
  });

  test('is done once RDS lists it, and settled once it is available', () => {
    const done = (facts: ReturnType<typeof own>) => step.done(facts);
    expect([done(seen()), done(own('creating')), done(own('available'))]).toEqual([false, true, true]);
    expect([step.settled.when(own('creating')), step.settled.when(own('available'))]).toEqual([false, true]);
  });

  test('is done to clusters alone, and says what it will have to take away', () => {
    expect(addReader.target(seen())).toEqual({ type: 'database', id: 'shop' });
    expect(addReader.makes(seen())).toEqual({ reader: 'shop-selfheal-1' });
    const alone = facts({ database: database() });
    expect([addReader.target(alone), addReader.makes(alone)]).toEqual([null, null]);
    expect(toDo(addReader, { target: { type: 'database', id: 'shop' }, facts: seen(), policy: policy() })).toBe(
      'add reader shop-selfheal-1 of class db.r7g.large to cluster shop, which has 2',
    );
  });
});
