import { describe, expect, test } from '@jest/globals';
import { growDatabaseStorage } from '../../shared/playbooks/grow-storage.ts';
import { database, facts } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

describe('grow-storage', () => {
  test('grows once', () => {
    expect(stepsFor(growDatabaseStorage, facts({ instance: null, database: database() }))).toEqual(['grow-storage']);
    expect(growDatabaseStorage.ladder).toMatchObject([{ tries: 1 }]);
  });

  test('ends once the alarm is over, and after a growth once there is as much as was asked for', () => {
    expect(growDatabaseStorage.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
    expect(growDatabaseStorage.healthy.map(({ id }) => id)).toEqual(['alarm-says-ok']);
    expect(growDatabaseStorage.ladder).toMatchObject([{ healthy: [{ id: 'storage-has-grown' }, { id: 'alarm-says-ok' }] }]);
  });
});
