import { describe, expect, test } from '@jest/globals';
import { nothingScheduled } from '../../shared/health/host.ts';
import { facts, incident, noon, status } from '../remediation/examples.ts';

const check = (change: Parameters<typeof facts>[0]) => {
  const look = facts(change);
  return nothingScheduled.check({ facts: look, incident: incident(), before: look });
};

describe('nothing-scheduled', () => {
  test('is healthy where AWS plans nothing', () => {
    expect(check({}).state).toBe('healthy');
  });

  test('is unhealthy where AWS plans something, and names it', () => {
    const scheduled = [{ code: 'instance-retirement', notBefore: noon, notAfter: null }];
    expect(check({ status: status({ scheduled }) })).toEqual({
      state: 'unhealthy',
      because: 'AWS has scheduled instance-retirement for it',
    });
  });

  test('is unknown without a status', () => {
    expect(check({ status: null }).state).toBe('unknown');
  });
});
