import { describe, expect, test } from '@jest/globals';
import { cleanDisk } from '../../shared/playbooks/clean-disk.ts';
import { withCommand } from '../../shared/playbooks/with-command.ts';
import { withDisks } from '../../shared/playbooks/with-disks.ts';
import { diskFacts, diskPolicy, facts, policy, unfinishedDisk } from '../remediation/examples.ts';
import { commands, type Scene, scenes, stepsFor } from './examples.ts';

describe('clean-disk', () => {
  // Without a command of the policy, with one, and with one that interrupts nothing.
  test.each<[Scene, string[], string[], string[]]>([
    ['a lone instance that hangs', [], ['run-command'], ['run-command']],
    ['a member that hangs', [], [], ['run-command']],
    ['a database', [], [], []],
    ['nothing at all', [], [], []],
  ])('has for %s the steps %j; with a command %j; with a gentle one %j', (scene, ...steps) => {
    expect(commands.map((one) => stepsFor(withDisks(withCommand(cleanDisk, one), policy()), scenes[scene]))).toEqual(steps);
  });

  test('goes by the alarm, and by what was grown', () => {
    expect(cleanDisk.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
    expect(cleanDisk.healthy.map(({ id }) => id)).toEqual(['volume-is-grown', 'alarm-says-ok', 'status-checks-pass']);
  });

  test('grows what is not cleaned, where the policy names disks and the alarm a file system', () => {
    const by = (given: object) => withDisks(withCommand(cleanDisk, null), policy({ ...given }));
    expect(stepsFor(by(diskPolicy), diskFacts())).toEqual(['list-disks', 'grow-volume']);
    expect(stepsFor(by(diskPolicy), unfinishedDisk())).toEqual(['list-disks', 'extend-file-system']);
    expect(stepsFor(by(diskPolicy), facts())).toEqual([]);
    expect(stepsFor(by({}), diskFacts())).toEqual([]);
    expect(stepsFor(by({ ...diskPolicy, commands: {} }), diskFacts())).toEqual([]);
  });
});
