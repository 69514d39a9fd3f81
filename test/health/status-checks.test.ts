import { describe, expect, test } from '@jest/globals';
import { statusChecksPass } from '../../shared/health/status-checks.ts';
import { facts, groupFacts, groupName, incident, instance, status } from '../remediation/examples.ts';

const check = (change: Parameters<typeof facts>[0]) => {
  const look = facts(change);
  return statusChecksPass.check({ facts: look, incident: incident(), before: look }).state;
};

describe('status-checks-pass', () => {
  test('is healthy while the instance runs and both checks pass', () => {
    expect(check({})).toBe('healthy');
  });

  test.each([
    ['the instance does not exist', { instance: null }],
    ['it is stopped', { instance: instance({ state: 'stopped' }) }],
    ['it is starting', { instance: instance({ state: 'pending' }) }],
    ['its host is impaired', { status: status({ system: 'impaired' }) }],
    ['it is impaired itself', { status: status({ instance: 'impaired' }) }],
    ['one check is impaired and the other unknown', { status: status({ system: 'insufficient-data', instance: 'impaired' }) }],
  ])('is unhealthy where %s', (_, change) => {
    expect(check(change)).toBe('unhealthy');
  });

  test('leaves it to others where the failure is not about an instance', () => {
    const look = groupFacts();
    const group = incident({ resource: { type: 'group', id: groupName } });
    expect(statusChecksPass.check({ facts: look, incident: group, before: look })).toMatchObject({ abstains: true });
  });

  test.each([
    ['there are no checks yet', { status: null }],
    ['both are initialising', { status: status({ system: 'initializing', instance: 'initializing' }) }],
    ['only the system check passes yet', { status: status({ instance: 'initializing' }) }],
    ['only the instance check passes yet', { status: status({ system: 'initializing' }) }],
    ['there is not enough data', { status: status({ system: 'insufficient-data', instance: 'insufficient-data' }) }],
    ['they do not apply', { status: status({ system: 'not-applicable', instance: 'not-applicable' }) }],
  ])('is unknown where %s', (_, change) => {
    expect(check(change)).toBe('unknown');
  });
});
