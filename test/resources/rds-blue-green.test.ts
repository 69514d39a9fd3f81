import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
  world.aws.rds.placed.deployment({
    id: 'bgd-0a1b2c3d4e5f6a7b',
    name: 'orders-upgrade',
    database: 'orders',
    createdAt: noon - 60 * minute,
    status: 'INVALID_CONFIGURATION',
    details: 'replication has stopped',
    tasks: { CREATING_READ_REPLICA_OF_SOURCE: 'COMPLETED', CONFIGURE_BACKUPS: 'FAILED' },
  });
});
afterEach(() => world.close());

const named = (id: string) => alarmOn('', { type: 'database', id }, { kind: 'rds', evidence: { source: 'blue-green-deployment' } });

describe('a look at a blue/green deployment', () => {
  test.each(['bgd-0a1b2c3d4e5f6a7b', 'orders-upgrade'])('tells how far it is, by its id and by its name: %s', async (id) => {
    expect((await world.look(named(id))).line).toBe(
      `blue/green deployment ${id}: INVALID_CONFIGURATION; created 11:00 UTC, 1 h 00 min ago; replication has stopped; CONFIGURE_BACKUPS FAILED; from orders to orders-green`,
    );
  });

  test('takes a name that AWS finds nothing by for no answer', async () => {
    expect((await world.look(named('others'))).result).toBe('nothing');
    expect((await world.look(named('bgd-none'))).result).toBe('gone');
  });
});
