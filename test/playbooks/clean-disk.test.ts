import { describe, expect, test } from '@jest/globals';
import { cleanDisk } from '../../shared/playbooks/clean-disk.ts';
import { withCommand } from '../../shared/playbooks/with-command.ts';
import { commands, type Scene, scenes, stepsFor } from './examples.ts';

describe('clean-disk', () => {
  // Without a command of the policy, with one, and with one that interrupts nothing.
  test.each<[Scene, string[], string[], string[]]>([
    ['a lone instance that hangs', [], ['run-command'], ['run-command']],
    ['a member that hangs', [], [], ['run-command']],
    ['a database', [], [], []],
    ['nothing at all', [], [], []],
  ])('has for %s the steps %j; with a command %j; with a gentle one %j', (scene, ...steps) => {
    expect(commands.map((one) => stepsFor(withCommand(cleanDisk, one), scenes[scene]))).toEqual(steps);
  });

  test('goes by the alarm alone', () => {
    expect(cleanDisk.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
    expect(cleanDisk.healthy.map(({ id }) => id)).toEqual(['alarm-says-ok']);
  });
});
