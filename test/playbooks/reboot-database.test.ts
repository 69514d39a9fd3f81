import { describe, expect, test } from '@jest/globals';
import { rebootImpairedDatabase } from '../../shared/playbooks/reboot-database.ts';
import { database, facts } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

describe('reboot-database', () => {
  test('reboots once', () => {
    expect(stepsFor(rebootImpairedDatabase, facts({ instance: null, database: database() }))).toEqual(['reboot-database']);
    expect(rebootImpairedDatabase.ladder).toMatchObject([{ tries: 1 }]);
  });

  test('is for what is seen to fail, and ends when both RDS and the alarm show that it is well', () => {
    expect(rebootImpairedDatabase.failing.map(({ id }) => id)).toEqual(['database-is-available', 'alarm-fires']);
    expect(rebootImpairedDatabase.healthy.map(({ id }) => id)).toEqual(['database-is-available', 'alarm-says-ok']);
  });
});
