import { describe, expect, test } from '@jest/globals';
import { failingLaunch, launchesPermissions, recentLaunches } from '../../shared/aws/launches.ts';
import { groupName, noon } from '../remediation/examples.ts';
import { recordingClients, sdkError } from './recorder.ts';

const at = (minutes: number) => new Date(noon + minutes * 60_000);
const launches = async (...Activities: object[]) => {
  const { clients, calls } = recordingClients(() => ({ output: { Activities } }));
  const found = await recentLaunches(clients.autoScaling, groupName);
  expect(calls.map(({ permission }) => permission)).toEqual([...launchesPermissions]);
  return found;
};

describe('the launches of a group', () => {
  test('are told newest first, whatever order they come in, and without what else it does', async () => {
    const found = await launches(
      { StartTime: at(1), StatusCode: 'Successful', Description: 'Launching a new EC2 instance: i-1' },
      { StartTime: at(3), StatusCode: 'Failed', Description: 'Launching a new EC2 instance: i-2', StatusMessage: 'no capacity' },
      { StartTime: at(4), StatusCode: 'Failed', Description: 'Terminating EC2 instance: i-3' },
      { StartTime: at(2), StatusCode: 'PreInService', Description: 'Launching a new EC2 instance: i-4' },
    );
    expect(found.map(({ state, message }) => [state, message])).toEqual([
      ['failed', 'no capacity'],
      ['under-way', 'Launching a new EC2 instance: i-4'],
      ['successful', 'Launching a new EC2 instance: i-1'],
    ]);
  });

  test('are not taken for none where they can not be asked for', async () => {
    const { clients } = recordingClients(() => sdkError('AccessDenied', 403));
    await expect(recentLaunches(clients.autoScaling, groupName)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test.each([
    ['the last one failed', ['failed', 'successful'], 'failed'],
    ['the last one is under way, and the one before failed', ['under-way', 'failed'], 'failed'],
    ['the last one worked', ['successful', 'failed'], undefined],
    ['the last one was cancelled, and the one before worked', ['cancelled', 'successful', 'failed'], undefined],
    ['there is none', [], undefined],
  ])('fail where %s', (_, states, state) => {
    const given = states.map((one, i) => ({ startedAt: noon - i, endedAt: null, state: one as 'failed', message: '' }));
    expect(failingLaunch(given, noon - 1000)?.state).toBe(state);
    expect(failingLaunch(given, noon + 1)).toBeNull();
  });
});
