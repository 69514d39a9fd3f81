import { describe, expect, test } from '@jest/globals';
import { relieveMemory } from '../../shared/playbooks/relieve-memory.ts';
import { withCommand } from '../../shared/playbooks/with-command.ts';
import { commands, type Scene, scenes, stepsFor } from './examples.ts';

describe('relieve-memory', () => {
  // Without a command of the policy, with one, and with one that interrupts nothing.
  test.each<[Scene, string[], string[], string[]]>([
    ['a whole group', ['scale-out'], ['scale-out'], ['scale-out']],
    ['a lone instance that hangs', ['reboot-instance'], ['run-command', 'reboot-instance'], ['run-command', 'reboot-instance']],
    ['a member that hangs', ['replace-member'], ['replace-member'], ['run-command', 'replace-member']],
    ['a member whose group is gone', [], [], ['run-command']],
  ])('has for %s the steps %j; with a command %j; with a gentle one %j', (scene, ...steps) => {
    expect(commands.map((one) => stepsFor(withCommand(relieveMemory, one), scenes[scene]))).toEqual(steps);
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(relieveMemory.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
    expect(relieveMemory.healthy.map(({ id }) => id)).toEqual(['alarm-says-ok']);
  });

  test('calls a member healed once it is replaced, whatever its own alarm says', () => {
    const replace = relieveMemory.ladder.find((step) => step.kind === 'act' && step.action.id === 'replace-member');
    expect(replace).toMatchObject({ healthy: [{ id: 'member-is-replaced' }] });
  });

  test('calls a rebooted instance well only once its status checks pass as well', () => {
    const reboot = relieveMemory.ladder.find((step) => step.kind === 'act' && step.action.id === 'reboot-instance');
    expect(reboot).toMatchObject({ healthy: [{ id: 'alarm-says-ok' }, { id: 'status-checks-pass' }] });
  });
});
