import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Incident } from '../../shared/model/incident.ts';
import { hasCauses, readCauses } from '../../shared/resources/observe.ts';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const about = (metric: string, change: Partial<Incident> = {}): Incident =>
  alarmOn(
    'AWS/RDS',
    { type: 'database', id: 'orders' },
    { evidence: { namespace: 'AWS/RDS', metric, dimensions: 'DBInstanceIdentifier=orders' }, ...change },
  );
const event = (message: string): Incident => about('', { kind: 'rds', evidence: { source: 'db-instance', message } });

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
  world.aws.rds.place({ id: 'orders', kind: 'instance', createdAt: noon - 40 * 24 * 60 * minute });
  await world.aws.advanceTo(noon - 5 * minute);
});
afterEach(() => world.close());

const read = async (incident: Incident): Promise<string[]> => {
  await world.aws.advanceTo(noon);
  return readCauses(world.clients, incident, noon);
};

describe('what may be behind the failure of a database', () => {
  test('is read for what it is short of, and for parameters, alone', () => {
    expect(['DatabaseConnections', 'CPUUtilization', 'DBLoad', 'FreeableMemory'].map((metric) => hasCauses(about(metric)))).toEqual(
      Array(4).fill(true),
    );
    expect(['ReplicaLag', 'FreeStorageSpace', 'ReadLatency'].map((metric) => hasCauses(about(metric)))).toEqual(Array(3).fill(false));
    expect(hasCauses(about('CPUUtilization', { evidence: { namespace: 'AWS/Redshift', metric: 'CPUUtilization' } }))).toBe(false);
    expect(hasCauses(event('Database instance put into incompatible-parameters.'))).toBe(true);
    expect(hasCauses(event('DB instance restarted'))).toBe(false);
  });

  test('is what it has used, what waits, and what RDS told', async () => {
    world.aws.rds.faults.exhaustConnections('orders');
    expect(await read(about('DatabaseConnections'))).toEqual([
      expect.stringMatching(/^the last 30 min beside the hour before: DatabaseConnections up to 1802 \(20 before\), /),
      'no change is pending, and its parameters are applied',
      'RDS said nothing of it in the last 3 h',
    ]);
  });

  test('is a change of its parameters, which RDS tells of the group', async () => {
    world.aws.rds.faults.breakParameters('orders', true);
    expect(await read(event('Database instance put into incompatible-parameters.'))).toEqual([
      expect.stringContaining('beside the hour before'),
      'pending changes: parameters of default.postgres17 (pending-reboot)',
      'parameter group default.postgres17: Updated parameter shared_buffers to 99999999 with apply method pending-reboot (2026-11-20 11:55 UTC)',
      expect.stringMatching(/^RDS said in the last 3 h: 11:5\d UTC Database instance put into incompatible-parameters/),
    ]);
  });

  test.each([
    ['cloudwatch', 'GetMetricData', 'its metrics'],
    ['rds', 'DescribeEvents', "RDS's events"],
    ['rds', 'DescribeDBInstances', 'its pending changes'],
  ] as const)('goes on without what may not be read, and says so: %s:%s', async (service, operation, what) => {
    world.refuse(service, operation, 'AccessDenied');
    const lines = await read(about('CPUUtilization'));
    expect(lines).toContain(`${what} could not be read: selfheal isn't allowed to (${service}:${operation})`);
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.join()).not.toMatch(/undefined|NaN|told nothing.*could not be read: selfheal isn't allowed to \(rds:DescribeEvents/);
  });
});
