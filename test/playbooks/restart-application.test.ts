import { describe, expect, test } from '@jest/globals';
import { restartApplication } from '../../shared/playbooks/restart-application.ts';
import { withCommand } from '../../shared/playbooks/with-command.ts';
import { commands, type Scene, scenes, stepsFor } from './examples.ts';

describe('restart-application', () => {
  // Without a command of the policy, with one, and with one that interrupts nothing.
  test.each<[Scene, string[], string[], string[]]>([
    ['a lone instance that hangs', ['reboot-instance'], ['run-command', 'reboot-instance'], ['run-command', 'reboot-instance']],
    ['a lone instance on a failed host', [], ['run-command'], ['run-command']],
    ['a member that hangs', ['replace-member'], ['replace-member'], ['run-command', 'replace-member']],
    ['a member whose group is gone', [], [], ['run-command']],
    ['a whole group', [], [], []],
    ['nothing at all', [], [], []],
  ])('has for %s the steps %j; with a command %j; with a gentle one %j', (scene, ...steps) => {
    expect(commands.map((one) => stepsFor(withCommand(restartApplication, one), scenes[scene]))).toEqual(steps);
  });

  // An exit code of 0 proves nothing.
  test('is for a process that the alarm shows as dead, and ends when the alarm shows that it runs on an instance that is well', () => {
    expect(restartApplication.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
    expect(restartApplication.healthy.map(({ id }) => id)).toEqual(['alarm-says-ok', 'status-checks-pass']);
  });

  test('calls a member healed once it is replaced, whatever its own alarm says', () => {
    const replace = restartApplication.ladder.find((step) => step.kind === 'act' && step.action.id === 'replace-member');
    expect(replace).toMatchObject({ healthy: [{ id: 'member-is-replaced' }] });
  });
});
