import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { addReplica } from '../../shared/actions/add-replica.ts';
import type { ReplicasFacts } from '../../shared/model/instance-replicas.ts';
import { database, facts, instanceReplicas, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = (change: Partial<ReplicasFacts> = {}) =>
  facts({ instance: null, status: null, database: database({ replicas: instanceReplicas(change) }) });
const own = (state: ReplicasFacts['own']['state']) => seen({ own: { ...instanceReplicas().own, state } });
const [step] = addReplica.steps;

describe('add-replica', () => {
  test('makes one like the source, in another zone, by the name and with the tag of its incident', async () => {
    const input = {
      DBInstanceIdentifier: 'orders-selfheal-1',
      SourceDBInstanceIdentifier: 'orders',
      DBInstanceClass: 'db.r7g.large',
      AvailabilityZone: 'us-east-1b',
      PubliclyAccessible: false,
      Tags: [{ Key: 'selfheal:made-by', Value: 'load-saturated-1' }],
    };
    expect(await doAll(addReplica, seen())).toEqual([{ permission: 'rds:CreateDBInstanceReadReplica', input }]);
    expect(await doAll(addReplica, seen({ public: true }))).toMatchObject([{ input: { PubliclyAccessible: true } }]);
  });

  test('is public only where the source is known to be, and is not made of what is not known', async () => {
    expect(await doAll(addReplica, seen({ public: null }))).toMatchObject([{ input: { PubliclyAccessible: false } }]);
    expect([await doAll(addReplica, seen({ class: null })), await doAll(addReplica, seen({ zone: null }))]).toEqual([[], []]);
  });

  test('calls nothing in a dry run, since RDS has none', async () => {
    expect(await doAll(addReplica, seen(), { dryRun: true })).toEqual([]);
  });

  test('is done once RDS lists it, and settled once it is available', () => {
    expect([seen(), own('creating'), own('available')].map((facts) => step.done(facts))).toEqual([false, true, true]);
    expect([own('creating'), own('available')].map((facts) => step.settled.when(facts))).toEqual([false, true]);
  });

  test('is done to what is named for it alone, and says what it will have to take away', () => {
    expect(addReplica.target(seen())).toEqual({ type: 'database', id: 'orders' });
    expect(addReplica.makes(seen())).toEqual({ reader: 'orders-selfheal-1', replica: true });
    const alone = facts({ database: database() });
    expect([addReplica.target(alone), addReplica.makes(alone)]).toEqual([null, null]);
    expect(toDo(addReplica, { target: { type: 'database', id: 'orders' }, facts: seen(), policy: policy() })).toBe(
      'add read replica orders-selfheal-1 of class db.r7g.large to database orders, which has 1',
    );
  });
});
