import { describe, expect, test } from '@jest/globals';
import { relieveMemory } from '../../shared/playbooks/relieve-memory.ts';
import { type Scene, scenes, stepsFor } from './examples.ts';

describe('relieve-memory', () => {
  test.each<[Scene, string[]]>([
    ['a whole group', ['scale-out']],
    ['a lone instance that hangs', ['reboot-instance']],
    ['a member that hangs', ['replace-member']],
    ['a member whose group is gone', []],
  ])('has for %s the steps %j, in this order', (scene, steps) => {
    expect(stepsFor(relieveMemory, scenes[scene])).toEqual(steps);
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
