import { describe, expect, test } from '@jest/globals';
import { healTargets } from '../../shared/playbooks/heal-targets.ts';
import { withCommand } from '../../shared/playbooks/with-command.ts';
import { alarm, instanceId, targetsOf } from '../remediation/examples.ts';
import { commands, type Scene, scenes, stepsFor } from './examples.ts';

const moved = ['stop-start-instance'];

describe('heal-targets', () => {
  // Without a command of the policy, with one, and with one that interrupts nothing.
  test.each<[Scene, string[], string[], string[]]>([
    ['a lone instance that hangs', ['reboot-instance'], ['run-command', 'reboot-instance'], ['run-command', 'reboot-instance']],
    ['a lone instance on a failed host', ['watch', ...moved], ['watch', 'run-command', ...moved], ['watch', 'run-command', ...moved]],
    ['a lone instance that EC2 does not recover', moved, ['run-command', ...moved], ['run-command', ...moved]],
    ['a lone spot instance on a failed host', [], ['run-command'], ['run-command']],
    ['a lone instance with an instance store on a failed host', ['watch'], ['watch', 'run-command'], ['watch', 'run-command']],
    ['a lone instance whose host is unknown', [], ['run-command'], ['run-command']],
    ['a member that hangs', ['watch', 'replace-member'], ['watch', 'replace-member'], ['watch', 'run-command', 'replace-member']],
    ['a member whose group is gone', [], [], ['run-command']],
    ['a whole group', [], [], []],
    ['nothing at all', [], [], []],
  ])('has for %s the steps %j; with a command %j; with a gentle one %j', (scene, ...steps) => {
    // The scene's instance is the one target that is sick.
    const targets = targetsOf([{ id: instanceId, state: 'unhealthy' }]);
    expect(commands.map((one) => stepsFor(withCommand(healTargets, one), { ...scenes[scene], targets }))).toEqual(steps);
  });

  test('treats nobody once the look shows that others are sick', () => {
    const sick = ['i-0ffffffffffffffff', instanceId].map((id) => ({ id, state: 'unhealthy' }));
    for (const targets of [targetsOf(sick), targetsOf(sick.slice(0, 1))]) {
      for (const one of commands) {
        const playbook = withCommand(healTargets, one);
        expect(stepsFor(playbook, { ...scenes['a lone instance that hangs'], targets })).toEqual([]);
        expect(stepsFor(playbook, { ...scenes['a member that hangs'], targets })).toEqual(['watch']);
      }
    }
  });

  test('waits for an alarm that counts the unhealthy once there are none, and for no other', () => {
    const targets = targetsOf([{ id: instanceId, state: 'healthy' }]);
    const steps = (metric: string, seen = targets) =>
      stepsFor(healTargets, { ...scenes['nothing at all'], targets: seen, alarm: alarm({ metrics: [`AWS/ApplicationELB ${metric}`] }) });
    expect(steps('UnHealthyHostCount')).toEqual(['watch']);
    // Of the healthy there may be too few.
    expect(steps('HealthyHostCount')).toEqual([]);
    expect(steps('UnHealthyHostCount', targetsOf([{ id: instanceId, state: 'unhealthy' }]))).toEqual([]);
    expect(steps('UnHealthyHostCount', targetsOf([{ id: instanceId, state: 'unused' }]))).toEqual([]);
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(healTargets.failing.map(({ id }) => id)).toEqual(['targets-are-healthy']);
    expect(healTargets.healthy.map(({ id }) => id)).toEqual(['targets-are-healthy', 'alarm-is-ok']);
  });
});
